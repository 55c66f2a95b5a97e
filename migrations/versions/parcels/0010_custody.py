"""Custody: discrepancies with an owner, declarations, instructions, measurements, returns."""

from typing import Final

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_DISCREPANCIES: Final = (
    """
    ALTER TABLE discrepancy
        ADD COLUMN id uuid NOT NULL DEFAULT uuidv7(),
        ADD COLUMN office integer,
        ADD COLUMN owner integer,
        ADD COLUMN last_custodian smallint,
        ADD COLUMN last_custodian_id bigint,
        ADD COLUMN closed_at timestamptz,
        ADD COLUMN closed_by text CHECK (closed_by IN ('event', 'decision')),
        ADD COLUMN closing_event uuid,
        ADD COLUMN reason text,
        ADD COLUMN decided_by text,
        ADD CHECK ((closed_at IS NULL) = (closed_by IS NULL))
    """,
    # not unique: no such key may stand in the way of distribution by item id
    "CREATE INDEX ix_discrepancy_id ON discrepancy (id)",
    "CREATE INDEX ix_discrepancy_open ON discrepancy (owner, id) WHERE closed_at IS NULL",
    """
    CREATE INDEX ix_discrepancy_timed ON discrepancy (item_id)
        WHERE kind IN ('missing', 'weight_difference') AND closed_at IS NULL
    """,
    # who looks for what is unseen: how far the sweep came, and what was not yet due then
    """
    CREATE TABLE unseen_sweep (
        id smallint CONSTRAINT pk_unseen_sweep PRIMARY KEY CHECK (id = 1),
        swept_until timestamptz
    )
    """,
    "INSERT INTO unseen_sweep (id) VALUES (1)",
    """
    CREATE TABLE unseen_watch (
        item_id bigint CONSTRAINT pk_unseen_watch PRIMARY KEY,
        due_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_unseen_watch_due_at ON unseen_watch (due_at)",
    # rules with their days: of two rows of a name, the one that began last holds
    """
    CREATE TABLE custody_term (
        name text NOT NULL,
        valid_from date NOT NULL,
        value integer NOT NULL CHECK (value >= 0),
        source text NOT NULL,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_custody_term PRIMARY KEY (name, valid_from)
    )
    """,
    "REVOKE UPDATE, DELETE ON custody_term FROM susa_parcels_app",
)
_CORRECTIONS: Final = (
    # an event stays as it was recorded; whether it counts is marked, and why is told beside it
    "GRANT UPDATE (flagged) ON scan_event TO susa_parcels_app",
    """
    CREATE TABLE event_declaration (
        item_id bigint NOT NULL,
        event_id uuid NOT NULL,
        reason text NOT NULL CHECK (reason IN ('did_not_occur', 'incorrect_data')),
        note text NOT NULL,
        corrective uuid[] NOT NULL,
        counted boolean NOT NULL,
        declared_by text NOT NULL,
        declared_at timestamptz NOT NULL,
        CONSTRAINT pk_event_declaration PRIMARY KEY (item_id, event_id)
    )
    """,
    """
    CREATE TABLE flagged_ruling (
        item_id bigint NOT NULL,
        event_id uuid NOT NULL,
        accepted boolean NOT NULL,
        note text NOT NULL,
        decided_by text NOT NULL,
        decided_at timestamptz NOT NULL,
        CONSTRAINT pk_flagged_ruling PRIMARY KEY (item_id, event_id)
    )
    """,
    "REVOKE UPDATE, DELETE ON event_declaration, flagged_ruling FROM susa_parcels_app",
    "ALTER TABLE unmatched_scan ADD COLUMN item_id bigint, ADD COLUMN matched_at timestamptz",
    """
    CREATE INDEX ix_unmatched_scan_waiting ON unmatched_scan (recorded_at)
        WHERE matched_at IS NULL AND item_id IS NOT NULL
    """,
)
_INSTRUCTIONS: Final = (
    """
    CREATE TABLE instruction (
        item_id bigint NOT NULL,
        id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('hold', 'redirect', 'recipient_change', 'recall')),
        status text NOT NULL
            CHECK (status IN ('open', 'carried_out', 'withdrawn', 'overtaken')),
        asked_by text NOT NULL CHECK (asked_by IN ('owner', 'recipient')),
        asked_at timestamptz NOT NULL,
        hold_until date,
        from_province text,
        from_town text,
        to_province text,
        to_town text,
        price_before_rials bigint NOT NULL,
        price_rials bigint NOT NULL,
        settled_at timestamptz,
        CONSTRAINT pk_instruction PRIMARY KEY (item_id, id),
        CHECK ((status = 'open') = (settled_at IS NULL))
    )
    """,
    "CREATE INDEX ix_instruction_open ON instruction (id) WHERE status = 'open'",
    "REVOKE DELETE ON instruction FROM susa_parcels_app",
    # who was to receive it before (PII, erasable)
    """
    CREATE TABLE instruction_party (
        item_id bigint NOT NULL,
        id uuid NOT NULL,
        name text NOT NULL,
        phone text NOT NULL,
        address text NOT NULL,
        postal_code text,
        CONSTRAINT pk_instruction_party PRIMARY KEY (item_id, id)
    )
    """,
    # wrong guesses at a recipient's phone, by the day in Tehran
    """
    CREATE TABLE recipient_try (
        item_id bigint NOT NULL,
        day date NOT NULL,
        tries smallint NOT NULL,
        CONSTRAINT pk_recipient_try PRIMARY KEY (item_id, day)
    )
    """,
)
_MEASUREMENTS: Final = (
    """
    CREATE TABLE measurement (
        item_id bigint NOT NULL,
        id uuid NOT NULL,
        status text NOT NULL
            CHECK (status IN ('unchanged', 'repriced', 'contested', 'upheld', 'reversed')),
        office integer,
        device text NOT NULL,
        photo_sha256 text,
        weight_g integer NOT NULL CHECK (weight_g > 0),
        length_mm integer CHECK (length_mm > 0),
        width_mm integer CHECK (width_mm > 0),
        height_mm integer CHECK (height_mm > 0),
        measured_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        actor uuid,
        tariff text,
        weight_before_g integer,
        length_before_mm integer,
        width_before_mm integer,
        height_before_mm integer,
        price_before_rials bigint NOT NULL,
        price_rials bigint NOT NULL,
        contest_until timestamptz NOT NULL,
        contest_reason text,
        contested_at timestamptz,
        decision_reason text,
        decided_by text,
        decided_at timestamptz,
        CONSTRAINT pk_measurement PRIMARY KEY (item_id, id)
    )
    """,
    "CREATE INDEX ix_measurement_contested ON measurement (id) WHERE status = 'contested'",
    "REVOKE DELETE ON measurement FROM susa_parcels_app",
)
_RETURNS: Final = (
    """
    CREATE TABLE customer_return (
        return_of bigint CONSTRAINT pk_customer_return PRIMARY KEY,
        item_id bigint NOT NULL,
        code text NOT NULL,
        asked_by text NOT NULL CHECK (asked_by IN ('owner', 'recipient')),
        asked_at timestamptz NOT NULL,
        hand_in_until timestamptz NOT NULL,
        reason text,
        price_rials bigint NOT NULL
    )
    """,
    "CREATE INDEX ix_customer_return_item_id ON customer_return (item_id)",
    # a look-up table: the code that a customer shows at a counter
    """
    CREATE TABLE return_code (
        code text CONSTRAINT pk_return_code PRIMARY KEY,
        return_of bigint NOT NULL
    )
    """,
    "REVOKE DELETE ON customer_return, return_code FROM susa_parcels_app",
)
_OURS: Final = "Susa: an example, for the post to replace"
_TERMS: Final = (
    ("return_working_days", "2004-01-07", 7, "E-Commerce Act 1382, art. 37"),
    ("contest_days", "2016-03-20", 7, _OURS),
    ("unseen_hours_adi", "2016-03-20", 240, _OURS),
    ("unseen_hours_sefareshi", "2016-03-20", 168, _OURS),
    ("unseen_hours_pishtaz", "2016-03-20", 120, _OURS),
    ("unseen_hours_vijeh", "2016-03-20", 24, _OURS),
    ("unseen_hours_amanat", "2016-03-20", 240, _OURS),
    ("unseen_hours_matbu", "2016-03-20", 240, _OURS),
    ("unseen_hours_past_promise", "2016-03-20", 72, _OURS),
    ("unseen_hours_waiting", "2016-03-20", 720, _OURS),
)
"""Name, from when, value, by what."""


def upgrade() -> None:
    for statement in (
        *_DISCREPANCIES,
        *_CORRECTIONS,
        *_INSTRUCTIONS,
        *_MEASUREMENTS,
        *_RETURNS,
    ):
        op.execute(statement)
    rows = ", ".join(
        f"('{name}', '{day}', {value}, '{source}', 'installation', now())"
        for name, day, value, source in _TERMS
    )
    op.execute(
        "INSERT INTO custody_term (name, valid_from, value, source, recorded_by, recorded_at)"
        f" VALUES {rows}"
    )


def downgrade() -> None:
    for table in (
        "return_code",
        "customer_return",
        "measurement",
        "recipient_try",
        "instruction_party",
        "instruction",
        "flagged_ruling",
        "event_declaration",
        "custody_term",
        "unseen_watch",
        "unseen_sweep",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP INDEX ix_unmatched_scan_waiting")
    op.execute("ALTER TABLE unmatched_scan DROP COLUMN item_id, DROP COLUMN matched_at")
    op.execute("REVOKE UPDATE (flagged) ON scan_event FROM susa_parcels_app")
    # with their indexes and checks
    op.execute(
        "ALTER TABLE discrepancy DROP COLUMN id, DROP COLUMN office, DROP COLUMN owner,"
        " DROP COLUMN last_custodian, DROP COLUMN last_custodian_id, DROP COLUMN closed_at,"
        " DROP COLUMN closed_by, DROP COLUMN closing_event, DROP COLUMN reason,"
        " DROP COLUMN decided_by"
    )
