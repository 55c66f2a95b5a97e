"""The promise: target hours as dated data, business calendars, pauses, items due, breaches."""

from typing import Final

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLES: Final = (
    # append-only: of two versions of a day, the one recorded last holds
    """
    CREATE TABLE promise_version (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_promise_version PRIMARY KEY,
        code text NOT NULL,
        valid_from date NOT NULL,
        source text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX ix_promise_version_code ON promise_version (code)",
    "CREATE INDEX ix_promise_version_valid_from ON promise_version (valid_from, id)",
    """
    CREATE TABLE promise_target (
        version bigint NOT NULL
            CONSTRAINT fk_promise_target_version REFERENCES promise_version (id),
        product smallint NOT NULL,
        distance text NOT NULL CHECK
            (distance IN ('urban', 'intra_province', 'adjacent', 'other', 'international')),
        target_hours integer NOT NULL CHECK (target_hours BETWEEN 1 AND 2400),
        clock text NOT NULL CHECK (clock IN ('office_hours', 'working_days')),
        cutoff_minute integer CHECK (cutoff_minute BETWEEN 0 AND 1440),
        CONSTRAINT pk_promise_target PRIMARY KEY (version, product, distance),
        CHECK (clock = 'office_hours' OR target_hours % 24 = 0)
    )
    """,
    # replicas of what offices tells of its calendars
    """
    CREATE TABLE office_week (
        code text NOT NULL,
        valid_from date NOT NULL,
        hours jsonb NOT NULL,
        version bigint NOT NULL,
        CONSTRAINT pk_office_week PRIMARY KEY (code, valid_from)
    )
    """,
    """
    CREATE TABLE office_day (
        code text NOT NULL,
        day date NOT NULL,
        intervals text[] NOT NULL,
        CONSTRAINT pk_office_day PRIMARY KEY (code, day)
    )
    """,
    """
    CREATE TABLE holiday_said (
        day date CONSTRAINT pk_holiday_said PRIMARY KEY,
        holiday boolean NOT NULL
    )
    """,
    """
    CREATE TABLE promise_calendar (
        id smallint CONSTRAINT pk_promise_calendar PRIMARY KEY CHECK (id = 1),
        changes bigint NOT NULL
    )
    """,
    "INSERT INTO promise_calendar (id, changes) VALUES (1, 0)",
    """
    CREATE TABLE promise_pause (
        id uuid CONSTRAINT pk_promise_pause PRIMARY KEY,
        province text NOT NULL,
        town text,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz CHECK (ends_at >= starts_at),
        reason text NOT NULL,
        declared_by text NOT NULL,
        declared_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL
    )
    """,
    "REVOKE DELETE ON promise_pause FROM susa_parcels_app",
    # what a changed calendar has still to be applied to: live items by id, after at_item
    """
    CREATE TABLE promise_sweep (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_promise_sweep PRIMARY KEY,
        since timestamptz NOT NULL,
        office text,
        at_item bigint NOT NULL
    )
    """,
    # items under way; a row lives from acceptance to the end
    """
    CREATE TABLE promise_due (
        item_id bigint CONSTRAINT pk_promise_due PRIMARY KEY,
        office integer NOT NULL,
        promised_at timestamptz NOT NULL,
        pausing boolean NOT NULL,
        paused boolean NOT NULL,
        breached boolean NOT NULL,
        risk_told boolean NOT NULL
    )
    """,
    """
    CREATE INDEX ix_promise_due_promised_at ON promise_due (promised_at, item_id)
        WHERE NOT paused AND NOT breached
    """,
    """
    CREATE TABLE promise_breach (
        item_id bigint NOT NULL,
        promised_at timestamptz NOT NULL,
        partner uuid NOT NULL,
        found_at timestamptz NOT NULL,
        withdrawn_at timestamptz,
        CONSTRAINT pk_promise_breach PRIMARY KEY (item_id, promised_at)
    )
    """,
    "CREATE INDEX ix_promise_breach_partner ON promise_breach (partner, item_id, promised_at)",
    "CREATE INDEX ix_promise_breach_promised_at ON promise_breach (promised_at)",
    "REVOKE UPDATE, DELETE ON promise_version, promise_target FROM susa_parcels_app",
    "REVOKE DELETE ON promise_breach FROM susa_parcels_app",
)
_CODE: Final = "1395-example"
_SOURCE: Final = (
    "published: vijeh 3 h within a town; pishtaz 1 day within the province, 2 to 5 elsewhere if"
    " posted before 11:00; the others: examples"
)
_CUTOFF: Final = 11 * 60
# (product, hours by distance: urban, intra_province, adjacent, other), in working days of 24 hours
_TARGETS: Final = (
    (3, (24, 24, 48, 120)),
    (4, (None, 24, 24, 48)),
    (2, (48, 72, 96, 120)),
    (1, (72, 96, 120, 168)),
    (5, (72, 96, 120, 168)),
    (6, (96, 120, 144, 192)),
)
_DISTANCES: Final = ("urban", "intra_province", "adjacent", "other")


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    op.execute(
        "INSERT INTO promise_version (code, valid_from, source, recorded_at, recorded_by)"
        f" VALUES ('{_CODE}', '2016-03-20', '{_SOURCE}', now(), 'installation')"
    )
    rows = [
        f"({product}, '{distance}', {hours}, 'working_days', {_CUTOFF})"
        for product, targets in _TARGETS
        for distance, hours in zip(_DISTANCES, targets, strict=True)
        if hours is not None
    ]
    rows.append("(4, 'urban', 3, 'office_hours', NULL)")
    op.execute(
        "INSERT INTO promise_target (version, product, distance, target_hours, clock,"
        " cutoff_minute) SELECT v.id, t.* FROM promise_version v,"
        f" (VALUES {', '.join(rows)}) AS t (product, distance, target_hours, clock, cutoff_minute)"
    )


def downgrade() -> None:
    for table in (
        "promise_breach",
        "promise_due",
        "promise_sweep",
        "promise_pause",
        "promise_calendar",
        "holiday_said",
        "office_day",
        "office_week",
        "promise_target",
        "promise_version",
    ):
        op.execute(f"DROP TABLE {table}")
