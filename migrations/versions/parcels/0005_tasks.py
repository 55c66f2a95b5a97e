"""Tasks: the roll-up of work done by kind of office.

Starts empty: what was consumed before it is not in it (`susa audit statistics` would say so).
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE task_daily (
            day date NOT NULL,
            task smallint NOT NULL,
            kind text NOT NULL,
            count bigint NOT NULL,
            CONSTRAINT pk_task_daily PRIMARY KEY (day, task, kind)
        ) WITH (fillfactor = 50)
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE task_daily")
