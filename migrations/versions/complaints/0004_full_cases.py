"""Cases in full: stages, joined complainants, files, calls, liability, assignment, erasure.

Stages, parties, liability and assignments are only added to. Words of the complainant are blanked
by `case_erase`, which is the owner's: the app's role can do that one thing to a thread and no more.
"""

from typing import Final

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CASE: Final = (
    """
    ALTER TABLE complaint_case
        DROP CONSTRAINT ck_complaint_case_status,
        DROP CONSTRAINT ck_complaint_case_about,
        ADD channel text NOT NULL DEFAULT 'web',
        ADD remedy text,
        ADD service text,
        ADD page text,
        ADD partner text,
        ADD severity text NOT NULL DEFAULT 'normal',
        ADD product text,
        ADD handling_office text,
        ADD county text,
        ADD officer text,
        ADD liable_kind text,
        ADD liable_code text,
        ADD liable_office text,
        ADD assessed_at timestamptz,
        ADD reopened_count smallint NOT NULL DEFAULT 0,
        ADD joined_count smallint NOT NULL DEFAULT 0,
        ADD stage_count integer NOT NULL DEFAULT 0,
        ADD attachment_count smallint NOT NULL DEFAULT 0,
        ADD CONSTRAINT ck_complaint_case_status CHECK (status IN ('received', 'acknowledged',
            'assessed', 'investigated', 'answered', 'accepted', 'contested', 'closed')),
        ADD CONSTRAINT ck_complaint_case_about CHECK (
            (kind <> 'parcel' OR barcode IS NOT NULL) AND (kind <> 'office' OR office IS NOT NULL)
            AND (kind <> 'service' OR service IS NOT NULL)),
        ADD CONSTRAINT ck_complaint_case_severity
            CHECK (severity IN ('low', 'normal', 'high', 'critical'))
    """,
    """
    CREATE INDEX ix_complaint_case_officer ON complaint_case (officer, id)
        WHERE officer IS NOT NULL
    """,
    """
    CREATE INDEX ix_complaint_case_open_officer ON complaint_case (officer)
        WHERE status <> 'closed' AND officer IS NOT NULL
    """,
    "CREATE INDEX ix_complaint_case_open ON complaint_case (filed_at) WHERE status <> 'closed'",
)
_THREAD: Final = (
    """
    ALTER TABLE case_message
        ADD internal boolean NOT NULL DEFAULT false,
        ADD party smallint,
        ALTER text DROP NOT NULL
    """,
    "UPDATE case_message SET party = 0 WHERE author = 'complainant'",
    """
    ALTER TABLE case_complainant
        ADD party smallint NOT NULL DEFAULT 0,
        DROP CONSTRAINT pk_case_complainant,
        ADD CONSTRAINT pk_case_complainant PRIMARY KEY (case_id, party)
    """,
    "CREATE INDEX ix_case_complainant_phone ON case_complainant (phone, case_id)",
    """
    CREATE TABLE case_party (
        case_id bigint NOT NULL CONSTRAINT fk_case_party_case_id REFERENCES complaint_case (id),
        party smallint NOT NULL,
        secret_hash bytea NOT NULL,
        channel text NOT NULL,
        category text NOT NULL,
        first_nth smallint NOT NULL,
        joined_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_case_party PRIMARY KEY (case_id, party)
    )
    """,
    "CREATE INDEX ix_case_party_joined_at ON case_party (joined_at)",
    """
    CREATE TABLE case_stage (
        case_id bigint NOT NULL CONSTRAINT fk_case_stage_case_id REFERENCES complaint_case (id),
        nth integer NOT NULL,
        act text NOT NULL,
        stage text NOT NULL,
        actor text NOT NULL CONSTRAINT ck_case_stage_actor
            CHECK (actor IN ('complainant', 'staff', 'system')),
        account text,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_case_stage PRIMARY KEY (case_id, nth)
    )
    """,
    "CREATE INDEX ix_case_stage_reopened ON case_stage (occurred_at) WHERE act = 'reopen'",
    # what older cases are known to have gone through
    """
    INSERT INTO case_stage (case_id, nth, act, stage, actor, occurred_at, recorded_at)
    SELECT id, row_number() OVER (PARTITION BY id ORDER BY at, rank), act, stage, actor, at, at
    FROM complaint_case CROSS JOIN LATERAL (VALUES
        (1, 'file', 'received', 'complainant', filed_at),
        (2, 'answer', 'answered', 'staff', answered_at),
        (3, 'close', 'closed', 'staff', closed_at)) AS s (rank, act, stage, actor, at)
    WHERE at IS NOT NULL
    """,
    """
    UPDATE complaint_case c SET stage_count =
        (SELECT count(*) FROM case_stage s WHERE s.case_id = c.id)
    """,
)
_TABLES: Final = (
    """
    CREATE TABLE case_attachment (
        id uuid CONSTRAINT pk_case_attachment PRIMARY KEY,
        case_id bigint NOT NULL
            CONSTRAINT fk_case_attachment_case_id REFERENCES complaint_case (id),
        party smallint,
        account text,
        internal boolean NOT NULL,
        name text,
        media_type text NOT NULL,
        size_bytes integer NOT NULL,
        sha256 text NOT NULL,
        added_at timestamptz NOT NULL,
        erased_at timestamptz
    )
    """,
    "CREATE INDEX ix_case_attachment_case_id ON case_attachment (case_id, id)",
    """
    CREATE TABLE contact_call (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_contact_call PRIMARY KEY,
        operator text NOT NULL,
        started_at timestamptz NOT NULL,
        ended_at timestamptz,
        outcome text,
        note text,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT ck_contact_call_ended CHECK ((ended_at IS NULL) = (outcome IS NULL)
            AND ended_at >= started_at)
    )
    """,
    "CREATE INDEX ix_contact_call_operator ON contact_call (operator, id)",
    """
    CREATE TABLE call_person (
        call_id bigint CONSTRAINT pk_call_person PRIMARY KEY
            CONSTRAINT fk_call_person_call_id REFERENCES contact_call (id),
        phone text NOT NULL
    )
    """,
    "CREATE INDEX ix_call_person_phone ON call_person (phone, call_id)",
    """
    CREATE TABLE call_case (
        call_id bigint NOT NULL CONSTRAINT fk_call_case_call_id REFERENCES contact_call (id),
        case_id bigint NOT NULL CONSTRAINT fk_call_case_case_id REFERENCES complaint_case (id),
        CONSTRAINT pk_call_case PRIMARY KEY (call_id, case_id)
    )
    """,
    "CREATE INDEX ix_call_case_case_id ON call_case (case_id)",
    """
    CREATE TABLE case_liability (
        case_id bigint NOT NULL
            CONSTRAINT fk_case_liability_case_id REFERENCES complaint_case (id),
        nth smallint NOT NULL,
        act text NOT NULL CONSTRAINT ck_case_liability_act
            CHECK (act IN ('proposed', 'confirmed', 'overruled')),
        kind text NOT NULL CONSTRAINT ck_case_liability_kind
            CHECK (kind IN ('office', 'trip', 'courier', 'operator', 'nobody')),
        code text,
        office text,
        reasons json NOT NULL,
        reason text,
        account text,
        occurred_at timestamptz NOT NULL,
        CONSTRAINT pk_case_liability PRIMARY KEY (case_id, nth)
    )
    """,
    """
    CREATE TABLE case_officer (
        account text CONSTRAINT pk_case_officer PRIMARY KEY,
        level text NOT NULL CONSTRAINT ck_case_officer_level
            CHECK (level IN ('office', 'county', 'province')),
        office text,
        county text,
        active boolean NOT NULL,
        version integer NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT ck_case_officer_place CHECK (
            (level = 'office') = (office IS NOT NULL) AND (level = 'county') = (county IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_case_officer_office ON case_officer (office, account) WHERE active",
    "CREATE INDEX ix_case_officer_county ON case_officer (county, account) WHERE active",
    """
    CREATE TABLE case_assignment (
        case_id bigint NOT NULL
            CONSTRAINT fk_case_assignment_case_id REFERENCES complaint_case (id),
        nth smallint NOT NULL,
        officer text NOT NULL,
        how text NOT NULL CONSTRAINT ck_case_assignment_how
            CHECK (how IN ('office', 'county', 'province', 'by_hand')),
        reason text,
        account text,
        occurred_at timestamptz NOT NULL,
        CONSTRAINT pk_case_assignment PRIMARY KEY (case_id, nth)
    )
    """,
    """
    CREATE TABLE case_watcher (
        case_id bigint NOT NULL
            CONSTRAINT fk_case_watcher_case_id REFERENCES complaint_case (id),
        account text NOT NULL,
        since timestamptz NOT NULL,
        CONSTRAINT pk_case_watcher PRIMARY KEY (case_id, account)
    )
    """,
    "CREATE INDEX ix_case_watcher_account ON case_watcher (account, case_id)",
    """
    CREATE TABLE case_erasure (
        case_id bigint NOT NULL
            CONSTRAINT fk_case_erasure_case_id REFERENCES complaint_case (id),
        party smallint NOT NULL,
        account text NOT NULL,
        erased_at timestamptz NOT NULL,
        CONSTRAINT pk_case_erasure PRIMARY KEY (case_id, party)
    )
    """,
    # the only way in which a thread's words change: those of one complainant, to nothing
    """
    CREATE FUNCTION case_erase(erased_case bigint, erased_party smallint) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        UPDATE case_message SET text = NULL
        WHERE case_id = erased_case AND party = erased_party AND author = 'complainant';
    $$
    """,
    "REVOKE EXECUTE ON FUNCTION case_erase(bigint, smallint) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION case_erase(bigint, smallint) TO susa_complaints_app",
    (
        "REVOKE UPDATE, DELETE, TRUNCATE ON case_stage, case_party, case_liability,"
        " case_assignment, case_erasure, call_case FROM susa_complaints_app"
    ),
    (
        "REVOKE DELETE, TRUNCATE ON contact_call, case_attachment, case_officer"
        " FROM susa_complaints_app"
    ),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*_CASE, *_THREAD, *_TABLES):
        op.execute(statement)


def downgrade() -> None:
    """The newer stages fall back to `received`; what was joined or erased cannot come back."""
    op.execute("DROP FUNCTION case_erase(bigint, smallint)")
    for table in (
        "case_erasure",
        "case_watcher",
        "case_assignment",
        "case_officer",
        "case_liability",
        "call_case",
        "call_person",
        "contact_call",
        "case_attachment",
        "case_stage",
        "case_party",
    ):
        op.execute(f"DROP TABLE {table}")
    for statement in (
        "DELETE FROM case_complainant WHERE party <> 0",
        "DROP INDEX ix_case_complainant_phone",
        """
        ALTER TABLE case_complainant DROP CONSTRAINT pk_case_complainant, DROP party,
            ADD CONSTRAINT pk_case_complainant PRIMARY KEY (case_id)
        """,
        "UPDATE case_message SET text = '' WHERE text IS NULL",
        "ALTER TABLE case_message DROP internal, DROP party, ALTER text SET NOT NULL",
        (
            "UPDATE complaint_case SET status = CASE status WHEN 'accepted' THEN 'answered'"
            " WHEN 'answered' THEN 'answered' WHEN 'closed' THEN 'closed' ELSE 'received' END,"
            " kind = CASE WHEN barcode IS NOT NULL THEN 'parcel' ELSE 'office' END,"
            " office = CASE WHEN barcode IS NULL THEN coalesce(office, '') END"
        ),
        """
        ALTER TABLE complaint_case
            DROP CONSTRAINT ck_complaint_case_status, DROP CONSTRAINT ck_complaint_case_about,
            DROP channel, DROP remedy, DROP service, DROP page, DROP partner, DROP severity,
            DROP product, DROP handling_office, DROP county, DROP officer, DROP liable_kind,
            DROP liable_code, DROP liable_office, DROP assessed_at, DROP reopened_count,
            DROP joined_count, DROP stage_count, DROP attachment_count,
            ADD CONSTRAINT ck_complaint_case_status
                CHECK (status IN ('received', 'answered', 'closed')),
            ADD CONSTRAINT ck_complaint_case_about CHECK ((kind = 'parcel') = (barcode IS NOT NULL)
                AND (kind = 'office') = (office IS NOT NULL))
        """,
        "DROP INDEX ix_complaint_case_open",
    ):
        op.execute(statement)
