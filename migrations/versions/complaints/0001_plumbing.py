"""Plumbing: clock, outbox, feed, cursors, idempotency."""

from migrations import plumbing_0001

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    plumbing_0001.create()


def downgrade() -> None:
    plumbing_0001.drop()
