"""Performance: delegated services performed at offices, and their roll-up by day."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_UP = (
    """
    CREATE TABLE performed (
        record_id uuid CONSTRAINT pk_performed PRIMARY KEY DEFAULT uuidv7(),
        office_id integer NOT NULL CONSTRAINT fk_performed_office_id REFERENCES office,
        kind text NOT NULL,
        service text NOT NULL CONSTRAINT fk_performed_service REFERENCES delegated_service,
        day date NOT NULL,
        count integer NOT NULL CHECK (count <> 0),
        electronic boolean NOT NULL,
        flags text[] NOT NULL,
        reverses uuid CONSTRAINT fk_performed_reverses REFERENCES performed
            CONSTRAINT uq_performed_reverses UNIQUE,
        reason text,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CHECK ((count < 0) = (reverses IS NOT NULL)),
        CHECK ((reason IS NOT NULL) = (reverses IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_performed_office_id_day_record_id ON performed (office_id, day, record_id)",
    """
    CREATE TABLE performed_daily (
        day date,
        service text,
        kind text,
        electronic boolean,
        count bigint NOT NULL,
        CONSTRAINT pk_performed_daily PRIMARY KEY (day, service, kind, electronic)
    )
    """,
    "REVOKE UPDATE, DELETE ON performed FROM susa_offices_app",
    "REVOKE DELETE ON performed_daily FROM susa_offices_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE performed_daily")
    op.execute("DROP TABLE performed")
