"""Who equipped an account: whose hands its credentials went through, for what takes two persons."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE account_equipper (
            account_id uuid NOT NULL
                CONSTRAINT fk_account_equipper_account_id REFERENCES partner (id),
            by_id uuid NOT NULL,
            first_at timestamptz NOT NULL,
            CONSTRAINT pk_account_equipper PRIMARY KEY (account_id, by_id),
            CONSTRAINT ck_account_equipper_other CHECK (account_id <> by_id)
        )
        """
    )
    op.execute("REVOKE UPDATE, DELETE ON account_equipper FROM susa_gateway_app")
    # what was done before is in the audit's chains
    op.execute(
        """
        INSERT INTO account_equipper (account_id, by_id, first_at)
        SELECT account_id, by_id::uuid, min(at) FROM (
            SELECT p.id AS account_id, e.time::timestamptz AS at,
                coalesce(e.data::jsonb ->> 'by', e.data::jsonb #>> '{staff_member,by}') AS by_id
            FROM audit_entry e JOIN partner p ON p.id::text = e.subject
            WHERE e.source = 'gateway' AND e.type IN ('partner.opened', 'credential.issued',
                'credential.changed', 'credential.rotated', 'staff_member.code_issued',
                'staff_member.second_factor_reset')
        ) AS done
        WHERE by_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AND by_id <> account_id::text
        GROUP BY account_id, by_id
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE account_equipper")
