"""The offices' calendars: followed by events; a change goes through the promises by a sweep."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.calendars import repository
from services.parcels.calendars.events import (
    CALENDAR_EVENTS,
    DAY_CLEARED,
    DAY_SET,
    HOLIDAY_SET,
    DayEvent,
    HolidayEvent,
    WeekEvent,
)
from shared.calendar import day_start, tehran_date
from shared.database import driver

SWEEPS_MAX: Final = 10
"""Of a page: where more offices keep other hours, one sweep goes through all items."""


Change = tuple[datetime, str | None]
"""Since when something is otherwise, and at which office; None: at all."""


async def on_calendar_events(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of `office.*`, `office_exception.*` and `holiday.*`."""
    connection = await driver(session)
    weeks = {}
    found: list[Change] = []
    for event in events:
        if event["type"] in CALENDAR_EVENTS:
            found.append(await _follow_day(connection, event))
        else:
            week = WeekEvent.model_validate(event["data"]).office
            weeks[week.code] = week
    last = datetime.fromisoformat(events[-1]["time"])
    told = list(weeks.values())
    news, others = await repository.save_weeks(connection, told, tehran_date(last))
    found.extend((day_start(tehran_date(last)), office) for office in others)
    if news or found:
        await repository.note_change(connection)
    for since, office in sweeps(found):
        await repository.add_sweep(connection, since, office)


def sweeps(found: Sequence[Change]) -> list[Change]:
    """One for each office from its first day on; one for all where they are many."""
    first: dict[str | None, datetime] = {}
    for since, office in found:
        first[office] = min(since, first.get(office, since))
    if None not in first and len(first) <= SWEEPS_MAX:
        return [(since, office) for office, since in first.items()]
    return [(min(first.values()), None)]


async def _follow_day(connection: asyncpg.Connection, event: dict[str, Any]) -> Change:
    if event["type"] in {DAY_SET, DAY_CLEARED}:
        told = DayEvent.model_validate(event["data"]).exception
        if event["type"] == DAY_SET:
            await repository.set_day(connection, told.office, told.day, told.intervals)
        else:
            await repository.clear_day(connection, told.office, told.day)
        return day_start(told.day), told.office
    said = HolidayEvent.model_validate(event["data"]).holiday
    if event["type"] == HOLIDAY_SET:
        await repository.set_holiday(connection, said.day, holiday=said.holiday)
    else:
        await repository.clear_holiday(connection, said.day)
    return day_start(said.day), None
