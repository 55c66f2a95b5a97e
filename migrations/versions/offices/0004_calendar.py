"""Calendar: days on which an office keeps other hours, and what is said about holidays."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_UP = (
    """
    CREATE TABLE office_exception (
        office_id integer CONSTRAINT fk_office_exception_office_id REFERENCES office,
        day date,
        intervals text[] NOT NULL,
        reason text NOT NULL,
        CONSTRAINT pk_office_exception PRIMARY KEY (office_id, day)
    )
    """,
    """
    CREATE TABLE holiday_override (
        day date CONSTRAINT pk_holiday_override PRIMARY KEY,
        holiday boolean NOT NULL,
        name text NOT NULL,
        reason text NOT NULL
    )
    """,
)

_DOWN = ("DROP TABLE holiday_override", "DROP TABLE office_exception")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
