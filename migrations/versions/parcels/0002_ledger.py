"""Ledger: accounts, transfers and their outcomes, append-only for the app's role."""

from alembic import op

from migrations import ledger_0001

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    ledger_0001.create("parcels")


def downgrade() -> None:
    ledger_0001.drop()
