"""Use cases of the calendar: exceptional days, holidays, and whether an office is open."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.calendar import domain, repository
from services.offices.calendar.domain import Holiday
from services.offices.calendar.errors import ExceptionNotFound, OverrideNotFound
from services.offices.calendar.models import OfficeException
from services.offices.calendar.schemas import ExceptionIn, HolidayIn
from services.offices.events import exception_event, holiday_event
from services.offices.registry import repository as registry_rows
from services.offices.registry import service as registry
from services.offices.registry.domain import check_open
from services.offices.registry.models import Office
from shared import outbox, pagination
from shared.calendar import Hours, Period, jalali_text, tehran_date
from shared.fields import Day
from shared.openings import DAY, HORIZON_DAYS, Openings, library
from shared.pagination import Page


@dataclass(frozen=True, slots=True)
class Opening:
    """`opens_next_at`: None while it is open, and where it opens in no year from now."""

    open_now: bool
    opens_next_at: datetime | None


async def openings(
    session: AsyncSession, offices: Sequence[Office], now: datetime
) -> dict[int, Opening]:
    """Whether each of these offices is open, by its number; two queries however many they are."""
    if not offices:
        return {}
    known = await _known(session, [office.id for office in offices], tehran_date(now))
    return {office.id: _opening(office, known.openings(office), now) for office in offices}


def _opening(office: Office, openings: Openings, now: datetime) -> Opening:
    if office.status != "active":
        return Opening(open_now=False, opens_next_at=None)
    if openings.open_at(now):
        return Opening(open_now=True, opens_next_at=None)
    return Opening(open_now=False, opens_next_at=openings.opens_next(now))


class _Known(NamedTuple):
    """What is on record of a year from some day on, of some offices."""

    exceptions: Mapping[int, Mapping[date, OfficeException]]
    overrides: Mapping[date, Holiday]

    def openings(self, office: Office) -> Openings:
        days = self.exceptions.get(office.id, {})
        return Openings(
            Hours.model_validate(office.hours),
            {day: row.intervals for day, row in days.items()},
            lambda day: domain.holiday_on(day, self.overrides).holiday,
        )


async def _known(session: AsyncSession, office_ids: Collection[int], first: date) -> _Known:
    last = first + DAY * HORIZON_DAYS
    exceptions: dict[int, dict[date, OfficeException]] = defaultdict(dict)
    for row in await repository.exceptions(session, office_ids, first, last):
        exceptions[row.office_id][row.day] = row
    return _Known(exceptions, await repository.overrides(session, first, last))


async def opening(session: AsyncSession, code: str, at: datetime) -> dict[str, Any]:
    """Whether an office is open at an instant, until when, when next, and what decides it."""
    office = await registry_rows.get(session, code)
    day = tehran_date(at)
    known = await _known(session, [office.id], day)
    openings = known.openings(office)
    past = at < office.updated_at
    status = await repository.status_at(session, office, at) if past else office.status
    if status != "active":
        return _answer(code, at, status)
    closes_at = openings.closes_at(at)
    is_open = openings.open_at(at)
    opens_next_at = None if is_open and closes_at is None else openings.opens_next(closes_at or at)
    rule = openings.rule(day)
    return {
        **_answer(code, at, rule),
        "open": is_open,
        "opens_next_at": opens_next_at,
        "closes_at": closes_at,
        "note": _note(known, office, day, rule),
    }


def _answer(code: str, at: datetime, reason: str) -> dict[str, Any]:
    """Of an office that is not open."""
    return {
        "office": code,
        "at": at,
        "open": False,
        "opens_next_at": None,
        "closes_at": None,
        "reason": reason,
        "note": None,
    }


def _note(known: _Known, office: Office, day: date, rule: domain.Rule) -> str | None:
    if rule == "exception":
        return known.exceptions[office.id][day].reason
    return domain.holiday_on(day, known.overrides).name if rule == "holiday" else None


async def exceptions(
    session: AsyncSession, code: str, since: date | None, page: Page
) -> tuple[list[dict[str, Any]], str | None]:
    """A page by day, and the cursor of the next."""
    office = await registry_rows.get(session, code)
    rows = await repository.exceptions_page(
        session, office, since=since, after=_after(page), limit=page.limit + 1
    )
    shown, following = pagination.cut(rows, page, lambda row: [row.day.isoformat()])
    return [exception_out(row) for row in shown], following


def _after(page: Page) -> date | None:
    try:
        return None if page.after is None else _CURSOR.validate_python(page.after)[0]
    except ValidationError:
        raise pagination.not_a_cursor() from None


_CURSOR: TypeAdapter[tuple[Day]] = TypeAdapter(tuple[Day])


def exception_out(row: OfficeException) -> dict[str, Any]:
    return {
        "day": row.day,
        "jalali": jalali_text(row.day),
        "intervals": row.intervals,
        "reason": row.reason,
    }


async def put_exception(
    session: AsyncSession, code: str, day: date, wanted: ExceptionIn, *, now: datetime
) -> dict[str, Any]:
    """The hours of one day, past or to come; said again, nothing is told."""
    office = registry.existing(await registry_rows.lock(session, [code]), code)
    check_open(office.status)
    row = await repository.exception(session, office, day)
    intervals = list(wanted.intervals)
    if row is not None and (row.intervals, row.reason) == (intervals, wanted.reason):
        return exception_out(row)
    if row is None:
        row = OfficeException(office_id=office.id, day=day)
        session.add(row)
    row.intervals, row.reason = intervals, wanted.reason
    await session.flush()
    event = exception_event(code, day, intervals, wanted.reason)
    await outbox.append(session, "office_exception.set", event, time=now, subject=code)
    return exception_out(row)


async def remove_exception(session: AsyncSession, code: str, day: date, *, now: datetime) -> None:
    office = registry.existing(await registry_rows.lock(session, [code]), code)
    row = await repository.exception(session, office, day)
    if row is None:
        raise ExceptionNotFound(f"{code} keeps its usual hours on {day}")
    await session.delete(row)
    await session.flush()
    event = exception_event(code, day, row.intervals, row.reason)
    await outbox.append(session, "office_exception.cleared", event, time=now, subject=code)


async def holidays(session: AsyncSession, year: int) -> list[dict[str, Any]]:
    """Of a Jalali year: the library's, and every day of which something was said."""
    first, end = Period(year).start, Period(year).end
    overrides = await repository.overrides(session, first, end - DAY)
    days = {day for each in (first.year, end.year) for day in library(each)}
    return [
        holiday_out(domain.holiday_on(day, overrides))
        for day in sorted(days | overrides.keys())
        if first <= day < end
    ]


async def holiday(session: AsyncSession, day: date) -> dict[str, Any]:
    return holiday_out(domain.holiday_on(day, await repository.overrides(session, day, day)))


def holiday_out(holiday: Holiday) -> dict[str, Any]:
    return {
        "day": holiday.day,
        "jalali": jalali_text(holiday.day),
        "holiday": holiday.holiday,
        "name": holiday.name,
        "source": holiday.source,
        "reason": holiday.reason,
    }


async def put_holiday(
    session: AsyncSession, day: date, wanted: HolidayIn, *, now: datetime
) -> dict[str, Any]:
    """Say of a day whether it is a holiday, whatever the library says."""
    said = Holiday(day, wanted.holiday, wanted.name, "override", wanted.reason)
    if (await repository.overrides(session, day, day)).get(day) != said:
        await repository.put_override(session, said)
        event = holiday_event(said)
        await outbox.append(session, "holiday.set", event, time=now, subject=day.isoformat())
    return holiday_out(said)


async def remove_holiday(session: AsyncSession, day: date, *, now: datetime) -> None:
    """Let the library decide again."""
    if not await repository.remove_override(session, day):
        raise OverrideNotFound(f"nothing was said of {day}: the library decides already")
    event = holiday_event(domain.holiday_on(day, {}))
    await outbox.append(session, "holiday.cleared", event, time=now, subject=day.isoformat())
