"""The office's gate in the replica: may it book, until when, which products, up to what weight.

An office of which no gate was told is open.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "ALTER TABLE office ADD COLUMN gate_open boolean NOT NULL DEFAULT true,"
        " ADD COLUMN gate_until timestamptz, ADD COLUMN gate_reason text,"
        " ADD COLUMN gate_products smallint[], ADD COLUMN gate_weight_max_g integer"
    )


def downgrade() -> None:
    op.execute(
        "ALTER TABLE office DROP COLUMN gate_open, DROP COLUMN gate_until,"
        " DROP COLUMN gate_reason, DROP COLUMN gate_products, DROP COLUMN gate_weight_max_g"
    )
