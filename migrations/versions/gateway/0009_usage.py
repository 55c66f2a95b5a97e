"""What each account asked by day and class; the deliveries that were given up, by endpoint."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_UP = (
    """
    CREATE TABLE usage_daily (
        account uuid,
        day date,
        world text,
        class text,
        answered bigint NOT NULL,
        refused_limit bigint NOT NULL,
        failed bigint NOT NULL,
        CONSTRAINT pk_usage_daily PRIMARY KEY (account, day, world, class)
    )
    """,
    "CREATE INDEX ix_usage_daily_day ON usage_daily (day)",
    """
    CREATE INDEX ix_webhook_delivery_dead ON webhook_delivery (endpoint, seq)
        WHERE status = 'dead'
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_webhook_delivery_dead")
    op.execute("DROP TABLE usage_daily")
