"""The provincial working group: seats, dated compositions, members, meetings, votes, minutes.

Seeded are the two compositions on record, each from the first day of the year that is named: until
1387 under the post, the trade association an observer; since 1388 the governor's office (chair),
the regulator and the trade association with a vote each, service bodies without one. Of the first
only the chair and the observer are on record, so its quorum is one until somebody records more.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_UP = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """
    CREATE TABLE seat (
        slug text CONSTRAINT pk_seat PRIMARY KEY,
        name text NOT NULL,
        name_en text NOT NULL
    )
    """,
    """
    CREATE TABLE composition (
        id uuid CONSTRAINT pk_composition PRIMARY KEY,
        valid_from date NOT NULL,
        valid_until date CHECK (valid_until >= valid_from),
        quorum integer NOT NULL CHECK (quorum > 0),
        majority text NOT NULL CHECK (majority IN ('votes_cast', 'present', 'all_seats')),
        paper_reference text NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT ex_composition_period
            EXCLUDE USING gist (daterange(valid_from, valid_until, '[]') WITH &&)
    )
    """,
    """
    CREATE TABLE composition_seat (
        composition_id uuid CONSTRAINT fk_composition_seat_composition_id REFERENCES composition,
        seat text CONSTRAINT fk_composition_seat_seat REFERENCES seat,
        vote boolean NOT NULL,
        chair boolean NOT NULL,
        CONSTRAINT pk_composition_seat PRIMARY KEY (composition_id, seat)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_composition_seat_chair ON composition_seat (composition_id) WHERE chair
    """,
    """
    CREATE TABLE member (
        id uuid CONSTRAINT pk_member PRIMARY KEY,
        seat text NOT NULL CONSTRAINT fk_member_seat REFERENCES seat,
        valid_from date NOT NULL,
        valid_until date CHECK (valid_until >= valid_from),
        version integer NOT NULL CHECK (version > 0),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT ex_member_period
            EXCLUDE USING gist (seat WITH =, daterange(valid_from, valid_until, '[]') WITH &&)
    )
    """,
    """
    CREATE TABLE member_person (
        member_id uuid CONSTRAINT pk_member_person PRIMARY KEY
            CONSTRAINT fk_member_person_member_id REFERENCES member,
        name text NOT NULL,
        phone text
    )
    """,
    """
    CREATE TABLE meeting (
        id uuid CONSTRAINT pk_meeting PRIMARY KEY,
        status text NOT NULL CHECK (status IN ('planned', 'open', 'closed')),
        scheduled_for timestamptz NOT NULL,
        place text NOT NULL,
        composition_id uuid CONSTRAINT fk_meeting_composition_id REFERENCES composition,
        opened_at timestamptz,
        closed_at timestamptz,
        version integer NOT NULL CHECK (version > 0),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK ((status = 'planned') = (composition_id IS NULL)),
        CHECK ((status = 'planned') = (opened_at IS NULL)),
        CHECK ((status = 'closed') = (closed_at IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_meeting_scheduled_for ON meeting (scheduled_for, id)",
    "CREATE INDEX ix_meeting_status ON meeting (status, scheduled_for, id)",
    """
    CREATE TABLE attendance (
        meeting_id uuid CONSTRAINT fk_attendance_meeting_id REFERENCES meeting,
        seat text CONSTRAINT fk_attendance_seat REFERENCES seat,
        member_id uuid NOT NULL CONSTRAINT fk_attendance_member_id REFERENCES member,
        present boolean NOT NULL,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_attendance PRIMARY KEY (meeting_id, seat)
    )
    """,
    """
    CREATE TABLE agenda_item (
        id uuid CONSTRAINT pk_agenda_item PRIMARY KEY,
        meeting_id uuid NOT NULL CONSTRAINT fk_agenda_item_meeting_id REFERENCES meeting,
        nth integer NOT NULL CHECK (nth > 0),
        subject_kind text NOT NULL CHECK (subject_kind IN ('application', 'licence')),
        subject_id uuid NOT NULL,
        matter text NOT NULL,
        place jsonb,
        outcome text CHECK (outcome IN ('adopted', 'rejected', 'no_quorum', 'adjourned')),
        present integer,
        votes_for integer,
        votes_against integer,
        abstentions integer,
        decided_at timestamptz,
        decided_by text,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT uq_agenda_item_meeting_id UNIQUE (meeting_id, nth),
        CHECK ((outcome IS NULL) = (decided_at IS NULL)),
        CHECK ((outcome IS NULL) = (decided_by IS NULL))
    )
    """,
    "CREATE INDEX ix_agenda_item_subject_id ON agenda_item (subject_id)",
    # a matter is on one agenda at a time
    """
    CREATE UNIQUE INDEX uq_agenda_item_open ON agenda_item (subject_id, matter)
    WHERE outcome IS NULL
    """,
    """
    CREATE TABLE ballot (
        item_id uuid CONSTRAINT fk_ballot_item_id REFERENCES agenda_item,
        seat text CONSTRAINT fk_ballot_seat REFERENCES seat,
        member_id uuid NOT NULL CONSTRAINT fk_ballot_member_id REFERENCES member,
        choice text NOT NULL CHECK (choice IN ('for', 'against', 'abstain')),
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_ballot PRIMARY KEY (item_id, seat)
    )
    """,
    """
    CREATE TABLE stake (
        member_id uuid CONSTRAINT fk_stake_member_id REFERENCES member,
        subject_id uuid,
        subject_kind text NOT NULL CHECK (subject_kind IN ('application', 'licence')),
        reason text NOT NULL,
        declared_by text NOT NULL,
        declared_at timestamptz NOT NULL,
        CONSTRAINT pk_stake PRIMARY KEY (member_id, subject_id)
    )
    """,
    """
    CREATE TABLE minutes (
        meeting_id uuid CONSTRAINT pk_minutes PRIMARY KEY
            CONSTRAINT fk_minutes_meeting_id REFERENCES meeting,
        text text NOT NULL,
        sha256 text NOT NULL CHECK (sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex')),
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
    "REVOKE UPDATE, DELETE ON ballot, stake, minutes, composition_seat FROM susa_offices_app",
    "REVOKE DELETE ON composition, member, meeting, attendance, agenda_item FROM susa_offices_app",
    """
    INSERT INTO seat (slug, name, name_en) VALUES
        ('governor', 'استانداری', 'Governor''s office'),
        ('regulator', 'سازمان تنظیم مقررات و ارتباطات رادیویی', 'Regulator'),
        ('trade_association', 'انجمن صنفی دفاتر', 'Trade association of offices'),
        ('post', 'اداره کل پست استان', 'Provincial post'),
        ('service_bodies', 'دستگاه‌های خدمت‌دهنده', 'Service bodies')
    """,
    """
    INSERT INTO composition (id, valid_from, valid_until, quorum, majority, paper_reference,
        version, created_by, created_at, updated_at) VALUES
        ('00000000-0000-7000-8000-000000001378', '1999-03-21', '2009-03-20', 1, 'votes_cast',
         'پیش از ۱۳۸۸: زیر نظر پست؛ انجمن صنفی ناظر', 1, 'migration', now(), now()),
        ('00000000-0000-7000-8000-000000001388', '2009-03-21', NULL, 2, 'votes_cast',
         'از ۱۳۸۸: کارگروه استانی', 1, 'migration', now(), now())
    """,
    """
    INSERT INTO composition_seat (composition_id, seat, vote, chair) VALUES
        ('00000000-0000-7000-8000-000000001378', 'post', true, true),
        ('00000000-0000-7000-8000-000000001378', 'trade_association', false, false),
        ('00000000-0000-7000-8000-000000001388', 'governor', true, true),
        ('00000000-0000-7000-8000-000000001388', 'regulator', true, false),
        ('00000000-0000-7000-8000-000000001388', 'trade_association', true, false),
        ('00000000-0000-7000-8000-000000001388', 'post', false, false),
        ('00000000-0000-7000-8000-000000001388', 'service_bodies', false, false)
    """,
)

_DOWN = tuple(
    f"DROP TABLE {table}"
    for table in (
        "minutes",
        "stake",
        "ballot",
        "agenda_item",
        "attendance",
        "meeting",
        "member_person",
        "member",
        "composition_seat",
        "composition",
        "seat",
    )
)  # btree_gist stays: other tables of this database may lean on it


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
