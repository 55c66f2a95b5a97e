"""Surveys, what they add up to, and Open311.

Rules are dated and only ended; an answer is append-only. Words of an answer, and who filed through
Open311 from where, are in tables of their own: they can be erased and all counts stay.
"""

from typing import Final

from alembic import op

from shared.text import fold_search

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Example words; staff keep the table.
_KEYWORDS: Final = {
    "delay": ("دیر", "تاخیر", "تأخیر", "معطل", "طول کشید", "نرسید", "late"),
    "damage": ("شکست*", "آسیب*", "خراب*", "پاره", "خیس", "damaged"),
    "loss": ("گم", "گمشده", "مفقود*", "lost"),
    "conduct": ("بی‌ادب*", "بداخلاق*", "برخورد", "توهین", "رفتار", "rude"),
    "notice": ("خبر", "پیامک", "تماس", "اطلاع", "زنگ"),
    "place": ("همسایه", "نگهبان*", "نشانی", "آدرس", "درب منزل"),
    "waiting": ("صف", "شلوغ*", "نوبت", "معطلی"),
    "price": ("گران*", "قیمت", "هزینه", "پول"),
}

_TABLES: Final = (
    """
    CREATE TABLE survey_rule (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_survey_rule PRIMARY KEY,
        office text,
        product text,
        rate_basis_points integer NOT NULL CONSTRAINT ck_survey_rule_rate
            CHECK (rate_basis_points BETWEEN 0 AND 10000),
        seed text NOT NULL,
        valid_from date NOT NULL,
        valid_until date,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        CONSTRAINT ck_survey_rule_days CHECK (valid_until >= valid_from)
    )
    """,
    """
    CREATE TABLE survey_invitation (
        id uuid CONSTRAINT pk_survey_invitation PRIMARY KEY,
        nth bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_survey_invitation_nth UNIQUE,
        kind text NOT NULL
            CONSTRAINT ck_survey_invitation_kind CHECK (kind IN ('delivery', 'case')),
        subject text NOT NULL,
        office text,
        product text,
        month date NOT NULL,
        occurred_at timestamptz NOT NULL,
        invited_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        secret_hash bytea NOT NULL,
        withdrawn_at timestamptz
    )
    """,
    "CREATE INDEX ix_survey_invitation_subject ON survey_invitation (subject, nth)",
    "CREATE INDEX ix_survey_invitation_kind ON survey_invitation (kind, nth)",
    "CREATE INDEX ix_survey_invitation_office ON survey_invitation (office, month)",
    """
    CREATE TABLE survey_answer (
        invitation_id uuid CONSTRAINT pk_survey_answer PRIMARY KEY
            CONSTRAINT fk_survey_answer_invitation_id REFERENCES survey_invitation (id),
        nth bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_survey_answer_nth UNIQUE,
        score smallint NOT NULL CONSTRAINT ck_survey_answer_score CHECK (score BETWEEN 1 AND 5),
        answered_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE survey_words (
        invitation_id uuid CONSTRAINT pk_survey_words PRIMARY KEY
            CONSTRAINT fk_survey_words_invitation_id REFERENCES survey_answer (invitation_id),
        words text NOT NULL,
        folded text NOT NULL
    )
    """,
    """
    CREATE INDEX ix_survey_words_folded ON survey_words
        USING gin (to_tsvector('simple'::regconfig, folded))
    """,
    """
    CREATE TABLE survey_category (
        invitation_id uuid
            CONSTRAINT fk_survey_category_invitation_id REFERENCES survey_answer (invitation_id),
        category text,
        coded_by text NOT NULL
            CONSTRAINT ck_survey_category_coded_by CHECK (coded_by IN ('keywords', 'staff')),
        CONSTRAINT pk_survey_category PRIMARY KEY (invitation_id, category)
    )
    """,
    """
    CREATE TABLE survey_keyword (
        keyword text CONSTRAINT pk_survey_keyword PRIMARY KEY,
        category text NOT NULL
    )
    """,
    """
    CREATE TABLE satisfaction_month (
        month date,
        kind text,
        office text,
        product text,
        occasions bigint NOT NULL,
        invited bigint NOT NULL,
        score_1 bigint NOT NULL,
        score_2 bigint NOT NULL,
        score_3 bigint NOT NULL,
        score_4 bigint NOT NULL,
        score_5 bigint NOT NULL,
        CONSTRAINT pk_satisfaction_month PRIMARY KEY (month, kind, office, product)
    )
    """,
    """
    CREATE TABLE satisfaction_reason (
        month date,
        kind text,
        office text,
        product text,
        category text,
        answers bigint NOT NULL,
        CONSTRAINT pk_satisfaction_reason PRIMARY KEY (month, kind, office, product, category)
    )
    """,
    """
    CREATE TABLE satisfaction_office (
        code text CONSTRAINT pk_satisfaction_office PRIMARY KEY,
        name text NOT NULL,
        county text NOT NULL,
        version bigint NOT NULL
    )
    """,
    """
    CREATE TABLE open311_request (
        case_id bigint CONSTRAINT pk_open311_request PRIMARY KEY
            CONSTRAINT fk_open311_request_case_id REFERENCES complaint_case (id),
        token uuid NOT NULL CONSTRAINT uq_open311_request_token UNIQUE,
        requested_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_open311_request_requested_at ON open311_request (requested_at, case_id)",
    """
    CREATE TABLE open311_contact (
        case_id bigint CONSTRAINT pk_open311_contact PRIMARY KEY
            CONSTRAINT fk_open311_contact_case_id REFERENCES open311_request (case_id),
        description text NOT NULL,
        email text,
        address text,
        latitude double precision,
        longitude double precision,
        media_url text
    )
    """,
    """
    REVOKE UPDATE, DELETE, TRUNCATE ON survey_rule, survey_invitation, survey_answer,
        open311_request FROM susa_complaints_app
    """,
    "GRANT UPDATE (valid_until) ON survey_rule TO susa_complaints_app",
    # locking a row for an answer needs the right to change something of it
    "GRANT UPDATE (withdrawn_at) ON survey_invitation TO susa_complaints_app",
    "REVOKE UPDATE, TRUNCATE ON survey_words, open311_contact FROM susa_complaints_app",
)
_DOWN: Final = (
    "open311_contact",
    "open311_request",
    "satisfaction_office",
    "satisfaction_reason",
    "satisfaction_month",
    "survey_keyword",
    "survey_category",
    "survey_words",
    "survey_answer",
    "survey_invitation",
    "survey_rule",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _TABLES:
        op.execute(statement)
    rows = {fold_search(k): category for category, words in _KEYWORDS.items() for k in words}
    values = ", ".join(f"('{keyword}', '{category}')" for keyword, category in rows.items())
    op.execute(f"INSERT INTO survey_keyword (keyword, category) VALUES {values}")


def downgrade() -> None:
    for table in _DOWN:
        op.execute(f"DROP TABLE {table}")
