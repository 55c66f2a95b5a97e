"""The records that a service's number in the province's report counts, without a walk over all."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "CREATE INDEX ix_performed_service_day_record_id ON performed (service, day, record_id)"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_performed_service_day_record_id")
