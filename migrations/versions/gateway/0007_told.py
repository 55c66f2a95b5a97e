"""What partners are told: their feed, numbered without gaps; webhooks in full; who was active."""

from typing import Final

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_UP: Final = (
    """
    CREATE TABLE partner_feed (
        partner uuid CONSTRAINT pk_partner_feed PRIMARY KEY,
        head bigint NOT NULL,
        floor bigint NOT NULL,
        CONSTRAINT ck_partner_feed_range CHECK (floor BETWEEN 0 AND head)
    )
    """,
    """
    CREATE TABLE partner_event (
        partner uuid NOT NULL,
        sequence bigint NOT NULL,
        id uuid NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        time text NOT NULL,
        data text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_partner_event PRIMARY KEY (partner, sequence),
        CONSTRAINT uq_partner_event_partner_id UNIQUE (partner, id)
    )
    """,
    "CREATE INDEX ix_partner_event_recorded_at ON partner_event (recorded_at)",
    # what a partner was told stays as it was told, until it is old
    "REVOKE UPDATE ON partner_event FROM susa_gateway_app",
    """
    CREATE TABLE partner_active (
        month integer NOT NULL,
        partner uuid NOT NULL,
        CONSTRAINT pk_partner_active PRIMARY KEY (month, partner)
    )
    """,
    """
    ALTER TABLE webhook_endpoint
        ADD version smallint NOT NULL DEFAULT 1 CONSTRAINT ck_webhook_endpoint_version
            CHECK (version IN (1, 2)),
        ADD previous_secret bytea,
        ADD previous_until timestamptz,
        ADD failing_since timestamptz,
        ADD paused_until timestamptz,
        ADD noticed_at timestamptz,
        ADD CONSTRAINT ck_webhook_endpoint_previous
            CHECK ((previous_secret IS NULL) = (previous_until IS NULL)),
        DROP CONSTRAINT ck_webhook_endpoint_disabled,
        ADD CONSTRAINT ck_webhook_endpoint_disabled CHECK (
            (disabled_at IS NULL) = (disabled_reason IS NULL)
            AND disabled_reason IN ('partner', 'gone', 'failing'))
    """,
    "ALTER TABLE webhook_endpoint ALTER version DROP DEFAULT",
    # those that were disabled before there were notices are not told of now
    "UPDATE webhook_endpoint SET noticed_at = disabled_at WHERE disabled_reason = 'gone'",
    # how long those that fail now have failed is not known: from now on
    "UPDATE webhook_endpoint SET failing_since = now() WHERE failures > 0",
    """
    CREATE INDEX ix_webhook_endpoint_unnoticed ON webhook_endpoint (id)
        WHERE disabled_reason IN ('gone', 'failing') AND noticed_at IS NULL
    """,
    """
    ALTER TABLE webhook_delivery
        ADD sequence bigint,
        ADD attempts_before integer NOT NULL DEFAULT 0
    """,
    """
    CREATE TABLE webhook_attempt (
        delivery uuid NOT NULL CONSTRAINT fk_webhook_attempt_delivery
            REFERENCES webhook_delivery (id) ON DELETE CASCADE,
        number integer NOT NULL,
        at timestamptz NOT NULL,
        elapsed_ms integer NOT NULL,
        status smallint,
        error text,
        answer text,
        CONSTRAINT pk_webhook_attempt PRIMARY KEY (delivery, number)
    )
    """,
    "REVOKE UPDATE ON webhook_attempt FROM susa_gateway_app",
)
_DOWN: Final = (
    "DROP TABLE webhook_attempt",
    "ALTER TABLE webhook_delivery DROP sequence, DROP attempts_before",
    "DROP INDEX ix_webhook_endpoint_unnoticed",
    "UPDATE webhook_endpoint SET disabled_reason = 'gone' WHERE disabled_reason = 'failing'",
    """
    ALTER TABLE webhook_endpoint
        DROP version, DROP previous_secret, DROP previous_until, DROP failing_since,
        DROP paused_until, DROP noticed_at, DROP CONSTRAINT ck_webhook_endpoint_disabled,
        ADD CONSTRAINT ck_webhook_endpoint_disabled CHECK (
            (disabled_at IS NULL) = (disabled_reason IS NULL)
            AND disabled_reason IN ('partner', 'gone'))
    """,
    "DROP TABLE partner_active",
    "DROP TABLE partner_event",
    "DROP TABLE partner_feed",
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
