"""Deliveries of webhooks are about more than parcels: their order is kept by subject."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE webhook_delivery RENAME COLUMN barcode TO subject")


def downgrade() -> None:
    op.execute("ALTER TABLE webhook_delivery RENAME COLUMN subject TO barcode")
