"""SQL of the offices' calendars, on asyncpg."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import asyncpg
from pydantic_core import from_json, to_json

from services.parcels.calendars.events import WeekPayload
from shared.calendar import Hours

FIRST: Final = date(1900, 1, 1)
"""From which the first hours of an office hold."""

# hours that are other than the last; back come the offices, and whether they were known before
_WEEKS_SQL: Final = f"""
INSERT INTO office_week AS w (code, valid_from, hours, version)
SELECT i.code, CASE WHEN last.hours IS NULL THEN date '{FIRST}' ELSE i.day END,
    i.hours::jsonb, i.version
FROM unnest($1::text[], $2::date[], $3::text[], $4::bigint[]) AS i (code, day, hours, version)
LEFT JOIN LATERAL (
    SELECT hours, version FROM office_week WHERE code = i.code ORDER BY valid_from DESC LIMIT 1
) last ON true
WHERE last.hours IS NULL OR (last.version < i.version AND last.hours <> i.hours::jsonb)
ON CONFLICT (code, valid_from) DO UPDATE SET hours = excluded.hours, version = excluded.version
RETURNING w.code, w.valid_from
"""
_SET_DAY_SQL: Final = """
INSERT INTO office_day (code, day, intervals) VALUES ($1, $2, $3)
ON CONFLICT (code, day) DO UPDATE SET intervals = excluded.intervals
"""
_SET_HOLIDAY_SQL: Final = """
INSERT INTO holiday_said (day, holiday) VALUES ($1, $2)
ON CONFLICT (day) DO UPDATE SET holiday = excluded.holiday
"""


@dataclass(frozen=True, slots=True)
class Known:
    """All that was told, by office code and day; weeks from days on, in their order."""

    weeks: Mapping[str, Sequence[tuple[date, Hours]]]
    days: Mapping[str, Mapping[date, Sequence[str]]]
    holidays: Mapping[date, bool]


async def changes(connection: asyncpg.Connection) -> int:
    """Grows with every change of what a promise depends on."""
    number: int = await connection.fetchval("SELECT changes FROM promise_calendar")
    return number


async def known(connection: asyncpg.Connection) -> Known:
    weeks: dict[str, list[tuple[date, Hours]]] = {}
    for code, since, hours in await connection.fetch(
        "SELECT code, valid_from, hours::text FROM office_week ORDER BY code, valid_from"
    ):
        weeks.setdefault(code, []).append((since, Hours.model_validate(from_json(hours))))
    days: dict[str, dict[date, Sequence[str]]] = {}
    for code, day, intervals in await connection.fetch("SELECT * FROM office_day"):
        days.setdefault(code, {})[day] = intervals
    said = await connection.fetch("SELECT day, holiday FROM holiday_said")
    return Known(
        weeks,
        days,
        {row["day"]: row["holiday"] for row in said},
    )


async def note_change(connection: asyncpg.Connection) -> None:
    await connection.execute("UPDATE promise_calendar SET changes = changes + 1")


async def add_sweep(
    connection: asyncpg.Connection, since: datetime, office: str | None = None
) -> None:
    """Have items that are promised for `since` or later reckoned anew: of an office, or all."""
    await connection.execute(
        "INSERT INTO promise_sweep (since, office, at_item) VALUES ($1, $2, -1)", since, office
    )


async def save_weeks(
    connection: asyncpg.Connection, weeks: Sequence[WeekPayload], day: date
) -> tuple[bool, list[str]]:
    """From a day on; whether anything was new, and which known offices keep other hours now."""
    rows = await connection.fetch(
        _WEEKS_SQL,
        [week.code for week in weeks],
        [day for _ in weeks],
        [to_json(week.hours).decode() for week in weeks],
        [week.version for week in weeks],
    )
    other = {row["code"] for row in rows if row["valid_from"] != FIRST}
    return bool(rows), sorted(other)


async def set_day(
    connection: asyncpg.Connection, code: str, day: date, intervals: Sequence[str]
) -> None:
    await connection.execute(_SET_DAY_SQL, code, day, intervals)


async def clear_day(connection: asyncpg.Connection, code: str, day: date) -> None:
    await connection.execute("DELETE FROM office_day WHERE code = $1 AND day = $2", code, day)


async def set_holiday(connection: asyncpg.Connection, day: date, *, holiday: bool) -> None:
    await connection.execute(_SET_HOLIDAY_SQL, day, holiday)


async def clear_holiday(connection: asyncpg.Connection, day: date) -> None:
    await connection.execute("DELETE FROM holiday_said WHERE day = $1", day)
