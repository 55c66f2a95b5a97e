"""Partners in full: what they may book and how much, contacts, clients of OAuth, Shebas by two."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE partner DROP CONSTRAINT partner_status_check",
    """
    ALTER TABLE partner
        ADD CONSTRAINT partner_status_check CHECK (status IN ('active', 'suspended', 'closed')),
        ADD COLUMN products text[],
        ADD COLUMN quotas jsonb NOT NULL DEFAULT '{}'
    """,
    # people's names and telephones apart: erased without touching what the account did
    """
    CREATE TABLE partner_contact (
        partner_id uuid NOT NULL CONSTRAINT fk_partner_contact_partner_id REFERENCES partner (id),
        number smallint NOT NULL,
        role text NOT NULL CHECK (role IN ('technical', 'security', 'finance', 'operations')),
        name text NOT NULL,
        email text,
        phone text,
        CONSTRAINT pk_partner_contact PRIMARY KEY (partner_id, number)
    )
    """,
    """
    ALTER TABLE partner_key
        ALTER COLUMN prefix DROP NOT NULL,
        ALTER COLUMN digest DROP NOT NULL,
        ADD COLUMN method text NOT NULL DEFAULT 'api_key',
        ADD COLUMN jwks jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN certificates text[] NOT NULL DEFAULT '{}',
        ADD COLUMN networks text[] NOT NULL DEFAULT '{}',
        ADD COLUMN expires_at timestamptz,
        ADD COLUMN replaced_by uuid
            CONSTRAINT fk_partner_key_replaced_by REFERENCES partner_key (id),
        ADD CHECK (method IN ('api_key', 'private_key_jwt', 'certificate')),
        ADD CHECK ((method = 'api_key') = (digest IS NOT NULL)),
        ADD CONSTRAINT ck_partner_key_prefix CHECK ((digest IS NULL) = (prefix IS NULL)),
        ADD CHECK ((method = 'private_key_jwt') = (jsonb_array_length(jwks) > 0)),
        ADD CHECK ((method = 'certificate') = (cardinality(certificates) > 0))
    """,
    # one use of a client's assertion: RFC 7523, 3 (7)
    """
    CREATE TABLE client_assertion (
        client_id uuid NOT NULL
            CONSTRAINT fk_client_assertion_client_id REFERENCES partner_key (id),
        jti bytea NOT NULL CHECK (octet_length(jti) = 32),
        expires_at timestamptz NOT NULL,
        CONSTRAINT pk_client_assertion PRIMARY KEY (client_id, jti)
    )
    """,
    "CREATE INDEX ix_client_assertion_expires_at ON client_assertion (expires_at)",
    """
    CREATE TABLE sheba_change (
        id uuid NOT NULL DEFAULT uuidv7() CONSTRAINT pk_sheba_change PRIMARY KEY,
        partner_id uuid NOT NULL CONSTRAINT fk_sheba_change_partner_id REFERENCES partner (id),
        sheba text NOT NULL CHECK (sheba ~ '^IR[0-9]{24}$'),
        holder_name text NOT NULL,
        reason text NOT NULL,
        proposed_by uuid NOT NULL,
        proposed_at timestamptz NOT NULL,
        CONSTRAINT uq_sheba_change_id_proposed_by UNIQUE (id, proposed_by)
    )
    """,
    "CREATE INDEX ix_sheba_change_partner_id ON sheba_change (partner_id, id)",
    """
    CREATE TABLE sheba_change_step (
        change_id uuid NOT NULL,
        step text NOT NULL CHECK (step IN ('approved', 'rejected', 'effective', 'delivered')),
        proposed_by uuid NOT NULL,
        by uuid,
        at timestamptz NOT NULL,
        effective_at timestamptz,
        note text,
        CONSTRAINT pk_sheba_change_step PRIMARY KEY (change_id, step),
        CONSTRAINT fk_sheba_change_step_change_id
            FOREIGN KEY (change_id, proposed_by) REFERENCES sheba_change (id, proposed_by),
        CHECK (step <> 'approved' OR (by IS NOT NULL AND by <> proposed_by)),
        CHECK ((step = 'approved') = (effective_at IS NOT NULL))
    )
    """,
    # it is called off, or it holds: never both
    """
    CREATE UNIQUE INDEX uq_sheba_change_step_end ON sheba_change_step (change_id)
        WHERE step IN ('rejected', 'effective')
    """,
    """
    CREATE INDEX ix_sheba_change_step_effective_at ON sheba_change_step (effective_at)
        WHERE step = 'approved'
    """,
    "REVOKE UPDATE, DELETE ON sheba_change, sheba_change_step FROM susa_gateway_app",
    "REVOKE UPDATE ON client_assertion FROM susa_gateway_app",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE sheba_change_step, sheba_change, client_assertion, partner_contact")
    op.execute("UPDATE partner_key SET replaced_by = NULL")
    op.execute("DELETE FROM partner_key WHERE method <> 'api_key'")
    op.execute(
        """
        ALTER TABLE partner_key
            DROP CONSTRAINT ck_partner_key_prefix,
            DROP COLUMN method, DROP COLUMN jwks, DROP COLUMN certificates, DROP COLUMN networks,
            DROP COLUMN expires_at, DROP COLUMN replaced_by,
            ALTER COLUMN prefix SET NOT NULL, ALTER COLUMN digest SET NOT NULL
        """
    )
    op.execute("UPDATE partner SET status = 'suspended' WHERE status = 'closed'")
    op.execute("ALTER TABLE partner DROP CONSTRAINT partner_status_check")
    op.execute(
        """
        ALTER TABLE partner DROP COLUMN products, DROP COLUMN quotas,
            ADD CONSTRAINT partner_status_check CHECK (status IN ('active', 'suspended'))
        """
    )
