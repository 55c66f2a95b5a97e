"""Accounts of partners and staff, and their API keys."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE partner (
            id uuid NOT NULL DEFAULT uuidv7() CONSTRAINT pk_partner PRIMARY KEY,
            kind text NOT NULL
                CHECK (kind IN ('bank', 'shop', 'integrator', 'app', 'staff')),
            name text NOT NULL,
            email text,
            phone text,
            office text,
            status text NOT NULL CHECK (status IN ('active', 'suspended')),
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CHECK (office IS NULL OR kind = 'staff')
        )
        """
    )
    op.execute(
        """
        CREATE TABLE partner_key (
            id uuid NOT NULL DEFAULT uuidv7() CONSTRAINT pk_partner_key PRIMARY KEY,
            partner_id uuid NOT NULL
                CONSTRAINT fk_partner_key_partner_id REFERENCES partner (id),
            label text NOT NULL,
            prefix text NOT NULL CHECK (length(prefix) = 16),
            digest bytea NOT NULL CONSTRAINT uq_partner_key_digest UNIQUE
                CHECK (octet_length(digest) = 32),
            world text NOT NULL CHECK (world IN ('live', 'test')),
            scopes text[] NOT NULL,
            created_at timestamptz NOT NULL,
            revoked_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX ix_partner_key_partner_id ON partner_key (partner_id)")
    # an account or a key is suspended or revoked, never erased: what it did names it
    op.execute("REVOKE DELETE ON partner, partner_key FROM susa_gateway_app")


def downgrade() -> None:
    op.execute("DROP TABLE partner_key")
    op.execute("DROP TABLE partner")
