"""Cases: the case, its append-only thread and snapshot, and the complainant apart."""

from typing import Final

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES: Final = (
    """
    CREATE TABLE complaint_case (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_complaint_case PRIMARY KEY,
        year smallint NOT NULL,
        kind text NOT NULL,
        barcode text,
        office text,
        category text NOT NULL,
        status text NOT NULL CONSTRAINT ck_complaint_case_status
            CHECK (status IN ('received', 'answered', 'closed')),
        version integer NOT NULL,
        secret_hash bytea NOT NULL,
        message_count integer NOT NULL,
        parcel_status text,
        parcel_version bigint,
        snapshot_pending boolean NOT NULL,
        lookup_at timestamptz,
        filed_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        answered_at timestamptz,
        closed_at timestamptz,
        CONSTRAINT ck_complaint_case_about CHECK (
            (kind = 'parcel') = (barcode IS NOT NULL) AND (kind = 'office') = (office IS NOT NULL)),
        CONSTRAINT ck_complaint_case_closed_at
            CHECK ((status = 'closed') = (closed_at IS NOT NULL))
    )
    """,
    """
    CREATE INDEX ix_complaint_case_open_barcode ON complaint_case (barcode)
        WHERE status <> 'closed' AND barcode IS NOT NULL
    """,
    """
    CREATE INDEX ix_complaint_case_lookup_at ON complaint_case (lookup_at)
        WHERE lookup_at IS NOT NULL
    """,
    "CREATE INDEX ix_complaint_case_status ON complaint_case (status, id)",
    """
    CREATE INDEX ix_complaint_case_barcode ON complaint_case (barcode, id)
        WHERE barcode IS NOT NULL
    """,
    """
    CREATE INDEX ix_complaint_case_office ON complaint_case (office, id)
        WHERE office IS NOT NULL
    """,
    "CREATE INDEX ix_complaint_case_filed_at ON complaint_case (filed_at)",
    """
    CREATE INDEX ix_complaint_case_answered_at ON complaint_case (answered_at)
        WHERE answered_at IS NOT NULL
    """,
    """
    CREATE INDEX ix_complaint_case_closed_at ON complaint_case (closed_at)
        WHERE closed_at IS NOT NULL
    """,
    """
    CREATE TABLE case_message (
        case_id bigint CONSTRAINT fk_case_message_case_id REFERENCES complaint_case (id),
        nth smallint,
        author text NOT NULL,
        account text,
        text text NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_case_message PRIMARY KEY (case_id, nth)
    )
    """,
    """
    CREATE TABLE case_complainant (
        case_id bigint CONSTRAINT pk_case_complainant PRIMARY KEY
            CONSTRAINT fk_case_complainant_case_id REFERENCES complaint_case (id),
        name text NOT NULL,
        phone text NOT NULL
    )
    """,
    """
    CREATE TABLE case_snapshot (
        case_id bigint CONSTRAINT pk_case_snapshot PRIMARY KEY
            CONSTRAINT fk_case_snapshot_case_id REFERENCES complaint_case (id),
        taken_at timestamptz NOT NULL,
        at_filing boolean NOT NULL,
        parcel json,
        office json
    )
    """,
    "REVOKE UPDATE, DELETE, TRUNCATE ON case_message, case_snapshot FROM susa_complaints_app",
    "REVOKE DELETE, TRUNCATE ON complaint_case FROM susa_complaints_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    for table in ("case_snapshot", "case_complainant", "case_message", "complaint_case"):
        op.execute(f"DROP TABLE {table}")
