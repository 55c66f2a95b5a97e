"""Use cases of the desk's calendar; every change of it has the running clocks reckoned anew."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.calendars import domain, repository
from services.complaints.calendars.errors import DayHasPassed, DayIsUsual
from services.complaints.calendars.events import (
    DAY_CLEARED,
    DAY_SET,
    HOLIDAY_CLEARED,
    HOLIDAY_SET,
    HOURS_SET,
    DayEvent,
    DayState,
    HolidayEvent,
    HoursEvent,
    HoursState,
)
from services.complaints.calendars.models import DeskDay, DeskWeek
from services.complaints.calendars.schemas import (
    CalendarDay,
    CalendarOut,
    DayIn,
    DayOut,
    HoursOut,
    NewHours,
)
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import jalali_text, tehran_date
from shared.consumer import Consumer
from shared.errors import Invalid
from shared.fields import Day
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut, not_a_cursor
from shared.validity import DAY_MIN
from shared.worktime import WorkTime

_CURSOR: Final = TypeAdapter[tuple[date]](tuple[Day])


async def working_time(session: AsyncSession) -> tuple[int, WorkTime]:
    """The desk's working time as it is known now, and how often that changed."""
    changes, known = await repository.known(session)
    return changes, domain.work_time(known)


async def set_hours(
    session: AsyncSession, wanted: NewHours, *, caller: Caller, once: Once | None, now: datetime
) -> Answer:
    """The week from a day to come on; one that has begun needs `backfill`."""

    async def make() -> tuple[str, HoursOut]:
        if wanted.valid_from <= tehran_date(now) and "backfill" not in caller.scopes:
            raise DayHasPassed("valid_from must be a day to come: clocks ran by today's hours")
        week = DeskWeek(
            valid_from=wanted.valid_from,
            hours=wanted.hours.model_dump(mode="json"),
            reason=wanted.reason,
            recorded_at=now,
            recorded_by=caller.id,
        )
        session.add(week)
        await _changed(session)
        told = HoursEvent(complaint_hours=HoursState.model_validate(week))
        await outbox.append(session, HOURS_SET, told.model_dump(mode="json"), time=now)
        return "/v1/complaint-hours", HoursOut.model_validate(week)

    return await idempotency.created(session, once, make)


async def _changed(session: AsyncSession) -> None:
    """Counted last, under a row lock: who reads the new count reads the change too."""
    await session.flush()
    await repository.note_change(session)


async def hours(session: AsyncSession, page: Page) -> tuple[list[HoursOut], str | None]:
    """As they were recorded, the newest first."""
    rows = await repository.weeks(session, page.after_int(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.id])
    return [HoursOut.model_validate(row) for row in shown], cursor


async def set_day(
    session: AsyncSession, day: date, wanted: DayIn, *, caller: Caller, now: datetime
) -> DayOut:
    """Today or a day to come; a day that has passed needs `backfill`. Said again, nothing is."""
    _check_day(day, caller, now)
    intervals = list(wanted.intervals)
    last = await repository.day(session, day)
    if last is not None and (last.intervals, last.reason) == (intervals, wanted.reason):
        return DayOut.model_validate(last)
    row = await _record(session, day, intervals, wanted.reason, caller, now)
    return DayOut.model_validate(row)


async def clear_day(session: AsyncSession, day: date, *, caller: Caller, now: datetime) -> None:
    """As usual again."""
    _check_day(day, caller, now)
    last = await repository.day(session, day)
    if last is None or last.intervals is None:
        raise DayIsUsual(f"the desk keeps its usual hours on {day}")
    await _record(session, day, None, "withdrawn", caller, now)


def _check_day(day: date, caller: Caller, now: datetime) -> None:
    if day < tehran_date(now) and "backfill" not in caller.scopes:
        raise DayHasPassed("a day that has passed stays as it was: choose today or a day to come")


async def _record(
    session: AsyncSession,
    day: date,
    intervals: list[str] | None,
    reason: str,
    caller: Caller,
    now: datetime,
) -> DeskDay:
    row = DeskDay(
        day=day, intervals=intervals, reason=reason, recorded_at=now, recorded_by=caller.id
    )
    session.add(row)
    await _changed(session)
    told = DayEvent(complaint_day=DayState.model_validate(row)).model_dump(mode="json")
    event_type = DAY_CLEARED if intervals is None else DAY_SET
    await outbox.append(session, event_type, told, time=now, subject=day.isoformat())
    return row


async def days(session: AsyncSession, page: Page) -> tuple[list[DayOut], str | None]:
    """The single days that hold, by day."""
    rows = await repository.days(session, _after(page), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.day.isoformat()])
    return [DayOut.model_validate(row) for row in shown], cursor


def _after(page: Page) -> date:
    try:
        return DAY_MIN if page.after is None else _CURSOR.validate_python(page.after)[0]
    except ValidationError:
        raise not_a_cursor() from None


async def calendar(session: AsyncSession, since: date, until: date) -> CalendarOut:
    """The desk's days from one to another, both included."""
    if not 0 <= (until - since).days < domain.DAYS_SHOWN_MAX:
        raise Invalid.field(
            "query.until", f"write a day from `since` on, {domain.DAYS_SHOWN_MAX} days at most"
        )
    _, work = await working_time(session)
    return CalendarOut(
        items=[
            CalendarDay(jalali=jalali_text(one.day), **one._asdict())
            for one in domain.shown(work, since, until)
        ]
    )


async def _follow_holidays(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    for event in events:
        said = HolidayEvent.model_validate(event["data"]).holiday
        if event["type"] == HOLIDAY_SET:
            await repository.set_holiday(session, said.day, holiday=said.holiday)
        else:
            await repository.clear_holiday(session, said.day)
    await _changed(session)


HOLIDAYS: Final = Consumer("complaints.calendars", (HOLIDAY_SET, HOLIDAY_CLEARED), _follow_holidays)
