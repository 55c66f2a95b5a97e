"""Licences, the decisions behind them, and applications with their inquiries.

The days of an inquiry's clock are this project's assumption, none being published; they are dated
rows and can be changed.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATES = (
    "'received', 'returned', 'complete', 'visited', 'agreed', 'cleared', 'licensed', 'refused',"
    " 'withdrawn'"
)
_INQUIRIES = "'security', 'criminal_record', 'addiction', 'tax', 'bank', 'insurance', 'premises'"

_UP = (
    """
    CREATE TABLE licence (
        id uuid CONSTRAINT pk_licence PRIMARY KEY,
        number text NOT NULL CONSTRAINT uq_licence_number UNIQUE,
        office_id integer NOT NULL CONSTRAINT fk_licence_office_id REFERENCES office,
        kind text NOT NULL CHECK
            (kind IN ('pishkhan', 'rural_ict', 'subscriber_office', 'communication_office')),
        valid_from date NOT NULL,
        valid_until date CHECK (valid_until >= valid_from),
        status text NOT NULL CHECK (status IN ('active', 'suspended', 'revoked', 'expired')),
        paper_reference text,
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX uq_licence_active ON licence (office_id, kind) WHERE status = 'active'",
    "CREATE INDEX ix_licence_office_id ON licence (office_id)",
    "CREATE INDEX ix_licence_status ON licence (status, valid_until)",
    """
    CREATE TABLE licence_holder (
        licence_id uuid CONSTRAINT pk_licence_holder PRIMARY KEY
            CONSTRAINT fk_licence_holder_licence_id REFERENCES licence,
        name text NOT NULL,
        national_id text,
        legal_id text,
        phone text
    )
    """,
    """
    CREATE TABLE decision (
        id uuid CONSTRAINT pk_decision PRIMARY KEY,
        seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_decision_seq UNIQUE,
        subject_kind text NOT NULL CHECK (subject_kind IN ('application', 'licence')),
        subject_id uuid NOT NULL,
        transition text NOT NULL,
        before text,
        after text NOT NULL,
        authority text NOT NULL CHECK
            (authority IN ('working_group', 'regulator', 'clerk', 'paper', 'clock')),
        item_id uuid CONSTRAINT fk_decision_item_id REFERENCES agenda_item,
        reference text,
        text text NOT NULL,
        details jsonb NOT NULL,
        decided_by text NOT NULL,
        decided_at timestamptz NOT NULL,
        effective_from timestamptz NOT NULL,
        CHECK (authority <> 'working_group' OR item_id IS NOT NULL),
        CHECK (authority NOT IN ('regulator', 'paper') OR reference IS NOT NULL)
    )
    """,
    "CREATE INDEX ix_decision_subject_id ON decision (subject_id, seq)",
    # what the working group adopted is carried out once
    "CREATE UNIQUE INDEX uq_decision_item_id ON decision (item_id)",
    """
    CREATE TABLE decision_effect (
        decision_id uuid CONSTRAINT pk_decision_effect PRIMARY KEY
            CONSTRAINT fk_decision_effect_decision_id REFERENCES decision,
        effect text NOT NULL CHECK (effect IN ('applied', 'lapsed', 'rescinded')),
        at timestamptz NOT NULL,
        stopped_office boolean NOT NULL,
        reason text
    )
    """,
    """
    CREATE TABLE decision_due (
        decision_id uuid CONSTRAINT pk_decision_due PRIMARY KEY
            CONSTRAINT fk_decision_due_decision_id REFERENCES decision,
        licence_id uuid NOT NULL CONSTRAINT fk_decision_due_licence_id REFERENCES licence,
        effective_from timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_decision_due_effective_from ON decision_due (effective_from)",
    "CREATE INDEX ix_decision_due_licence_id ON decision_due (licence_id)",
    f"""
    CREATE TABLE application (
        id uuid CONSTRAINT pk_application PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('pishkhan', 'rural_ict')),
        state text NOT NULL CHECK (state IN ({_STATES})),
        office_id integer CONSTRAINT fk_application_office_id REFERENCES office,
        proposal jsonb,
        town text NOT NULL CONSTRAINT fk_application_town REFERENCES town,
        latitude double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
        longitude double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
        services text[] NOT NULL,
        licence_id uuid CONSTRAINT fk_application_licence_id REFERENCES licence,
        version integer NOT NULL CHECK (version > 0),
        created_by text NOT NULL,
        filed_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK (office_id IS NOT NULL OR proposal IS NOT NULL),
        CHECK ((state = 'licensed') = (licence_id IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_application_filed_at ON application (filed_at, id)",
    "CREATE INDEX ix_application_updated_at ON application (updated_at, id)",
    "CREATE INDEX ix_application_state ON application (state, filed_at, id)",
    """
    CREATE TABLE applicant (
        application_id uuid CONSTRAINT pk_applicant PRIMARY KEY
            CONSTRAINT fk_applicant_application_id REFERENCES application,
        name text NOT NULL,
        national_id text,
        legal_id text,
        phone text NOT NULL,
        CHECK (national_id IS NOT NULL OR legal_id IS NOT NULL)
    )
    """,
    f"""
    CREATE TABLE inquiry (
        id uuid CONSTRAINT pk_inquiry PRIMARY KEY,
        application_id uuid NOT NULL
            CONSTRAINT fk_inquiry_application_id REFERENCES application,
        kind text NOT NULL CHECK (kind IN ({_INQUIRIES})),
        round integer NOT NULL CHECK (round > 0),
        asked_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        answer text CHECK (answer IN ('favourable', 'unfavourable')),
        reference text,
        answered_at timestamptz,
        answered_by text,
        overdue_told_at timestamptz,
        CONSTRAINT uq_inquiry_application_id UNIQUE (application_id, kind, round),
        CHECK ((answer IS NULL) = (answered_at IS NULL)),
        CHECK ((answer IS NULL) = (answered_by IS NULL)),
        CHECK ((answer IS NULL) = (reference IS NULL))
    )
    """,
    "CREATE INDEX ix_inquiry_due_at ON inquiry (due_at, id) WHERE answer IS NULL",
    f"""
    CREATE TABLE inquiry_term (
        kind text CHECK (kind IN ({_INQUIRIES})),
        valid_from date,
        days integer NOT NULL CHECK (days BETWEEN 1 AND 365),
        source text NOT NULL,
        set_by text NOT NULL,
        set_at timestamptz NOT NULL,
        CONSTRAINT pk_inquiry_term PRIMARY KEY (kind, valid_from)
    )
    """,
    "REVOKE UPDATE, DELETE ON decision, decision_effect FROM susa_offices_app",
    "REVOKE DELETE ON licence, application, inquiry, inquiry_term FROM susa_offices_app",
    """
    INSERT INTO inquiry_term (kind, valid_from, days, source, set_by, set_at)
    SELECT kind, '1999-03-21', days, 'assumed: no term is published', 'migration', now()
    FROM (VALUES ('security', 30), ('criminal_record', 15), ('addiction', 10), ('tax', 15),
                 ('bank', 15), ('insurance', 15), ('premises', 10)) AS term (kind, days)
    """,
)

_DOWN = tuple(
    f"DROP TABLE {table}"
    for table in (
        "inquiry_term",
        "inquiry",
        "applicant",
        "application",
        "decision_due",
        "decision_effect",
        "decision",
        "licence_holder",
        "licence",
    )
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
