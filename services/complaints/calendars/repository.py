"""SQL of the desk's calendar: of several records for the same day, the last holds."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.calendars.models import DeskDay, DeskWeek

_KNOWN: Final = text("""
SELECT c.changes, json_build_object(
    'weeks', (SELECT json_agg(json_build_array(valid_from, hours) ORDER BY valid_from) FROM (
        SELECT DISTINCT ON (valid_from) valid_from, hours FROM desk_week
        ORDER BY valid_from, id DESC) w),
    'days', (SELECT json_object_agg(day, intervals ORDER BY day) FROM (
        SELECT DISTINCT ON (day) day, intervals FROM desk_day ORDER BY day, id DESC) d
        WHERE intervals IS NOT NULL),
    'holidays', (SELECT json_object_agg(day, holiday ORDER BY day) FROM holiday_said)
)::text
FROM desk_calendar c
""")
_SET_HOLIDAY: Final = text("""
INSERT INTO holiday_said (day, holiday) VALUES (:day, :holiday)
ON CONFLICT (day) DO UPDATE SET holiday = excluded.holiday
""")
_CLEAR_HOLIDAY: Final = text("DELETE FROM holiday_said WHERE day = :day")
_NOTE_CHANGE: Final = text("UPDATE desk_calendar SET changes = changes + 1")
_NEWEST_DAYS: Final = text("""
SELECT * FROM (
    SELECT DISTINCT ON (day) day, intervals, reason, recorded_at FROM desk_day
    WHERE day > :after ORDER BY day, id DESC
) d WHERE intervals IS NOT NULL ORDER BY day LIMIT :limit
""")


async def known(session: AsyncSession) -> tuple[int, str]:
    """How often the calendar changed, and all of it as JSON."""
    row = (await session.execute(_KNOWN)).one()
    return row[0], row[1]


async def note_change(session: AsyncSession) -> None:
    await session.execute(_NOTE_CHANGE)


async def set_holiday(session: AsyncSession, day: date, *, holiday: bool) -> None:
    await session.execute(_SET_HOLIDAY, {"day": day, "holiday": holiday})


async def clear_holiday(session: AsyncSession, day: date) -> None:
    await session.execute(_CLEAR_HOLIDAY, {"day": day})


async def weeks(session: AsyncSession, before: int | None, limit: int) -> Sequence[DeskWeek]:
    """As they were recorded, the newest first."""
    query = select(DeskWeek).order_by(DeskWeek.id.desc()).limit(limit)
    if before is not None:
        query = query.where(DeskWeek.id < before)
    return (await session.scalars(query)).all()


async def days(session: AsyncSession, after: date, limit: int) -> Sequence[Row[Any]]:
    """Those that hold, by day."""
    return (await session.execute(_NEWEST_DAYS, {"after": after, "limit": limit})).all()


async def day(session: AsyncSession, wanted: date) -> DeskDay | None:
    """The last record of a day; its intervals are null where it is as usual again."""
    query = select(DeskDay).where(DeskDay.day == wanted).order_by(DeskDay.id.desc()).limit(1)
    return await session.scalar(query)
