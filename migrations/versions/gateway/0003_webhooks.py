"""Webhooks: endpoints, and deliveries as queue and log."""

from typing import Final

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS: Final = (
    """
    CREATE TABLE webhook_endpoint (
        id uuid DEFAULT uuidv7() CONSTRAINT pk_webhook_endpoint PRIMARY KEY,
        partner uuid NOT NULL,
        url text NOT NULL CHECK (length(url) BETWEEN 1 AND 500),
        events text[] NOT NULL,
        description text,
        secret bytea NOT NULL CHECK (length(secret) BETWEEN 24 AND 64),
        failures smallint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        disabled_at timestamptz,
        disabled_reason text,
        CONSTRAINT ck_webhook_endpoint_disabled CHECK (
            (disabled_at IS NULL) = (disabled_reason IS NULL)
            AND disabled_reason IN ('partner', 'gone'))
    )
    """,
    "CREATE INDEX ix_webhook_endpoint_partner_id ON webhook_endpoint (partner, id)",
    # a small part of a month's log is queue: vacuum has to come by its changes, not the log's size
    """
    CREATE TABLE webhook_delivery (
        id uuid CONSTRAINT pk_webhook_delivery PRIMARY KEY,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        endpoint uuid NOT NULL CONSTRAINT fk_webhook_delivery_endpoint
            REFERENCES webhook_endpoint (id),
        type text NOT NULL,
        barcode text NOT NULL,
        body text NOT NULL,
        status text NOT NULL CONSTRAINT ck_webhook_delivery_status
            CHECK (status IN ('waiting', 'pending', 'delivered', 'dead')),
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz,
        leased_until timestamptz,
        last_status smallint,
        last_error text,
        created_at timestamptz NOT NULL,
        finished_at timestamptz,
        CONSTRAINT ck_webhook_delivery_due
            CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL)),
        CONSTRAINT ck_webhook_delivery_finished
            CHECK ((status IN ('delivered', 'dead')) = (finished_at IS NOT NULL)),
        CONSTRAINT ck_webhook_delivery_leased
            CHECK (leased_until IS NULL OR status = 'pending')
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000)
    """,
    """
    CREATE INDEX ix_webhook_delivery_due ON webhook_delivery (endpoint, next_attempt_at, seq)
        WHERE status = 'pending'
    """,
    """
    CREATE UNIQUE INDEX uq_webhook_delivery_head ON webhook_delivery (endpoint, barcode)
        WHERE status = 'pending'
    """,
    """
    CREATE INDEX ix_webhook_delivery_unfinished ON webhook_delivery (endpoint, barcode, seq)
        WHERE status IN ('pending', 'waiting')
    """,
    """
    CREATE INDEX ix_webhook_delivery_leased ON webhook_delivery (endpoint)
        WHERE leased_until IS NOT NULL
    """,
    "CREATE INDEX ix_webhook_delivery_log ON webhook_delivery (endpoint, seq)",
    """
    CREATE INDEX ix_webhook_delivery_finished_at ON webhook_delivery (finished_at)
        WHERE finished_at IS NOT NULL
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE webhook_delivery")
    op.execute("DROP TABLE webhook_endpoint")
