"""Until when an item was promised; kept by the promise, read by tracking and the statistics."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE parcel ADD COLUMN promised_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE parcel DROP COLUMN promised_at")
