"""Parcels by the phone of their sender or recipient, for who answers a caller."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for whose in ("sender", "recipient"):
        op.execute(
            f"CREATE INDEX ix_parcel_party_{whose}_phone ON parcel_party ({whose}_phone, item_id)"
        )


def downgrade() -> None:
    for whose in ("sender", "recipient"):
        op.execute(f"DROP INDEX ix_parcel_party_{whose}_phone")
