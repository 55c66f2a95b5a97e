"""Workforce: people by personnel number, where they work over time, their training.

Names, national ids and phones are a table of their own, which may be erased.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ENDED = "valid_until, end_reason"

_UP = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """
    CREATE TABLE person (
        personnel_number text CONSTRAINT pk_person PRIMARY KEY,
        erased_at timestamptz,
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE person_detail (
        personnel_number text CONSTRAINT pk_person_detail PRIMARY KEY
            CONSTRAINT fk_person_detail_personnel_number REFERENCES person,
        name text,
        national_id text CONSTRAINT uq_person_detail_national_id UNIQUE,
        mobile text
    )
    """,
    """
    CREATE TABLE assignment (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_assignment PRIMARY KEY,
        personnel_number text NOT NULL
            CONSTRAINT fk_assignment_personnel_number REFERENCES person,
        employment text NOT NULL CHECK
            (employment IN ('payroll', 'agency', 'counter', 'contract')),
        role text NOT NULL,
        office_id integer NOT NULL CONSTRAINT fk_assignment_office_id REFERENCES office,
        main boolean NOT NULL,
        valid_from date NOT NULL,
        valid_until date CHECK (valid_until >= valid_from),
        end_reason text,
        voided_at timestamptz,
        void_reason text,
        recorded_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT ex_assignment_main EXCLUDE USING gist
            (personnel_number WITH =, daterange(valid_from, valid_until, '[]') WITH &&)
            WHERE (main AND voided_at IS NULL)
    )
    """,
    "CREATE INDEX ix_assignment_person ON assignment (personnel_number, id)",
    "CREATE INDEX ix_assignment_office ON assignment (office_id, personnel_number, id)",
    "CREATE INDEX ix_assignment_role ON assignment (role, personnel_number, id)",
    # the head-count of any day is read off this index alone: those without an end and with one
    # after the day, so that today's never looks at what is over
    """
    CREATE INDEX ix_assignment_headcount ON assignment (valid_until, valid_from)
        INCLUDE (employment, role, office_id) WHERE main AND voided_at IS NULL
    """,
    """
    CREATE TABLE course (
        code text CONSTRAINT pk_course PRIMARY KEY,
        name text NOT NULL,
        name_en text NOT NULL,
        validity_months smallint CHECK (validity_months > 0),
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE certificate (
        id uuid CONSTRAINT pk_certificate PRIMARY KEY DEFAULT uuidv7(),
        personnel_number text NOT NULL
            CONSTRAINT fk_certificate_personnel_number REFERENCES person,
        course text NOT NULL CONSTRAINT fk_certificate_course REFERENCES course,
        number text NOT NULL,
        issued_on date NOT NULL,
        expires_on date CHECK (expires_on > issued_on),
        warned_days smallint,
        withdrawn_at timestamptz,
        withdrawn_reason text,
        recorded_by text NOT NULL,
        created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE UNIQUE INDEX uq_certificate_number ON certificate (course, number)
        WHERE withdrawn_at IS NULL
    """,
    "CREATE INDEX ix_certificate_person ON certificate (personnel_number, course, id)",
    "CREATE INDEX ix_certificate_expires_on_id ON certificate (expires_on, id)",
    "REVOKE DELETE ON person, course FROM susa_offices_app",
    # what was recorded stays; later come only its end, or that it was told of or a mistake
    "REVOKE UPDATE, DELETE ON assignment, certificate FROM susa_offices_app",
    f"GRANT UPDATE ({ENDED}, voided_at, void_reason) ON assignment TO susa_offices_app",
    "GRANT UPDATE (warned_days, withdrawn_at, withdrawn_reason) ON certificate TO susa_offices_app",
)

_DOWN = (
    "DROP TABLE certificate",
    "DROP TABLE course",
    "DROP TABLE assignment",
    "DROP TABLE person_detail",
    "DROP TABLE person",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
