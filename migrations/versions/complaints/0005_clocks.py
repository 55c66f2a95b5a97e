"""SLA clocks: the desk's calendar, dated targets, clocks, and what happened to them on record."""

import json
from typing import Final

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES: Final = (
    """
    CREATE TABLE desk_week (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_desk_week PRIMARY KEY,
        valid_from date NOT NULL,
        hours jsonb NOT NULL,
        reason text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    "CREATE INDEX ix_desk_week_valid_from ON desk_week (valid_from, id)",
    """
    CREATE TABLE desk_day (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_desk_day PRIMARY KEY,
        day date NOT NULL,
        intervals text[],
        reason text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    "CREATE INDEX ix_desk_day_day ON desk_day (day, id)",
    """
    CREATE TABLE holiday_said (
        day date CONSTRAINT pk_holiday_said PRIMARY KEY,
        holiday boolean NOT NULL
    )
    """,
    """
    CREATE TABLE desk_calendar (
        id smallint CONSTRAINT pk_desk_calendar PRIMARY KEY,
        changes bigint NOT NULL
    )
    """,
    """
    CREATE TABLE sla_version (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_sla_version PRIMARY KEY,
        code text NOT NULL,
        valid_from date NOT NULL,
        source text NOT NULL,
        terms jsonb NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        withdrawn_at timestamptz,
        withdrawn_by text
    )
    """,
    "CREATE UNIQUE INDEX ix_sla_version_code ON sla_version (code)",
    "CREATE INDEX ix_sla_version_valid_from ON sla_version (valid_from, id)",
    """
    CREATE TABLE case_sla (
        case_id bigint CONSTRAINT pk_case_sla PRIMARY KEY
            CONSTRAINT fk_case_sla_case_id REFERENCES complaint_case (id),
        version bigint NOT NULL CONSTRAINT fk_case_sla_version REFERENCES sla_version (id),
        category text NOT NULL,
        severity text NOT NULL,
        level smallint NOT NULL,
        live boolean NOT NULL,
        paused_since timestamptz,
        pauses smallint NOT NULL,
        steps integer NOT NULL,
        reckoned bigint NOT NULL,
        next_at timestamptz
    )
    """,
    "CREATE INDEX ix_case_sla_next_at ON case_sla (next_at, case_id) WHERE live",
    "CREATE INDEX ix_case_sla_reckoned ON case_sla (reckoned) WHERE live",
    """
    CREATE TABLE case_clock (
        case_id bigint CONSTRAINT fk_case_clock_case_id REFERENCES case_sla (case_id),
        measure text,
        nth smallint,
        level smallint,
        started_at timestamptz NOT NULL,
        target_minutes integer NOT NULL,
        remind_minutes integer[] NOT NULL,
        due_at timestamptz,
        breached_at timestamptz,
        stopped_at timestamptz,
        elapsed_s bigint,
        CONSTRAINT pk_case_clock PRIMARY KEY (case_id, measure, nth, level),
        CONSTRAINT ck_case_clock_measure
            CHECK (measure IN ('first_response', 'update', 'resolution')),
        CONSTRAINT ck_case_clock_elapsed CHECK ((stopped_at IS NULL) = (elapsed_s IS NULL))
    )
    """,
    """
    CREATE INDEX ix_case_clock_due_at ON case_clock (due_at, case_id, measure, nth, level)
        WHERE stopped_at IS NULL
    """,
    """
    CREATE INDEX ix_case_clock_started_at ON case_clock (started_at) WHERE level = 0
    """,
    """
    CREATE TABLE clock_step (
        case_id bigint CONSTRAINT fk_clock_step_case_id REFERENCES case_sla (case_id),
        nth integer,
        kind text NOT NULL,
        measure text NOT NULL,
        clock smallint NOT NULL,
        level smallint NOT NULL,
        minutes integer NOT NULL,
        due_at timestamptz,
        at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        account text,
        reason text,
        CONSTRAINT pk_clock_step PRIMARY KEY (case_id, nth)
    )
    """,
    """
    CREATE UNIQUE INDEX ix_clock_step_once
        ON clock_step (case_id, measure, clock, level, kind, minutes)
        WHERE kind IN ('reminded', 'breached')
    """,
    """
    CREATE TABLE case_pause (
        case_id bigint CONSTRAINT fk_case_pause_case_id REFERENCES case_sla (case_id),
        nth smallint,
        reason text NOT NULL,
        capped boolean NOT NULL,
        since timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        account text,
        CONSTRAINT pk_case_pause PRIMARY KEY (case_id, nth)
    )
    """,
    """
    CREATE TABLE case_pause_end (
        case_id bigint,
        nth smallint,
        until timestamptz NOT NULL,
        ended_by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        account text,
        CONSTRAINT pk_case_pause_end PRIMARY KEY (case_id, nth),
        CONSTRAINT fk_case_pause_end_case_id
            FOREIGN KEY (case_id, nth) REFERENCES case_pause (case_id, nth)
    )
    """,
    # what happened stays on record: a breach, a reminder, a pause can be added and never undone
    """
    REVOKE UPDATE, DELETE, TRUNCATE ON clock_step, case_pause, case_pause_end, desk_week, desk_day
        FROM susa_complaints_app
    """,
    "REVOKE DELETE, TRUNCATE ON case_sla, case_clock, sla_version FROM susa_complaints_app",
)

_SINCE: Final = "1979-03-21"
_SOURCE: Final = "Example data: replace it with the targets that the province has set"
_HOURS: Final = {
    **{day: ["07:30-12:00", "12:45-15:30"] for day in ("sat", "sun", "mon", "tue", "wed")},
    "thu": ["07:30-12:30"],
}
_HOUR: Final = 60
_DAY: Final = 8 * _HOUR
"""Of the example, in minutes of working time."""


def _levels(*minutes: int) -> list[dict[str, object]]:
    return [{"minutes": m, "remind_before_minutes": [m // 4]} for m in minutes]


def _rule(
    severity: str | None, first: list[int], update: list[int], resolution: list[int]
) -> dict[str, object]:
    return {
        "category": None,
        "severity": severity,
        "channel": None,
        "first_response": _levels(*first),
        "update": _levels(*update),
        "resolution": _levels(*resolution),
    }


_TERMS: Final = {
    "pause_max_minutes": 5 * _DAY,
    "pauses_total_max_minutes": 10 * _DAY,
    "rules": [
        _rule(None, [_DAY, 4 * _HOUR, 4 * _HOUR], [2 * _DAY], [10 * _DAY, 3 * _DAY, 2 * _DAY]),
        _rule("high", [4 * _HOUR, 2 * _HOUR, 2 * _HOUR], [_DAY], [5 * _DAY, 2 * _DAY, _DAY]),
        _rule("critical", [2 * _HOUR, _HOUR, _HOUR], [4 * _HOUR], [2 * _DAY, _DAY, _DAY]),
    ],
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _TABLES:
        op.execute(statement)
    op.execute("INSERT INTO desk_calendar (id, changes) VALUES (1, 1)")
    by = "now(), 'installation'"
    op.execute(
        "INSERT INTO desk_week (valid_from, hours, reason, recorded_at, recorded_by)"
        f" VALUES ('{_SINCE}', '{_json(_HOURS)}', 'Example data: the usual week', {by})"
    )
    op.execute(
        "INSERT INTO sla_version (code, valid_from, source, terms, recorded_at, recorded_by)"
        f" VALUES ('example', '{_SINCE}', '{_SOURCE}', '{_json(_TERMS)}', {by})"
    )


def _json(value: object) -> str:
    """As SQL text of `op.execute`, which would take a colon before a word for a parameter."""
    return json.dumps(value, separators=(", ", " : "))


def downgrade() -> None:
    for table in (
        "case_pause_end",
        "case_pause",
        "clock_step",
        "case_clock",
        "case_sla",
        "sla_version",
        "desk_calendar",
        "holiday_said",
        "desk_day",
        "desk_week",
    ):
        op.execute(f"DROP TABLE {table}")
