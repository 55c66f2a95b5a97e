"""Use cases of lines: plan, change and end them; their timetable over some days."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.transport import domain, repository
from services.parcels.transport.domain import Call, Hop, Line, Mode
from services.parcels.transport.errors import (
    DayIsOver,
    LineCodeInUse,
    LineNotFound,
    TooManyLines,
)
from services.parcels.transport.models import LineVersion
from services.parcels.transport.schemas import (
    CallIn,
    CallOut,
    DepartureOut,
    LineCode,
    LineEnd,
    LineHistory,
    LineIn,
    LineOut,
    LocalTimeOut,
    NewLine,
)
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.errors import Invalid
from shared.fields import Day, Instant
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut, not_a_cursor

LINES_MAX: Final = 300
DAYS_MAX: Final = 31
LINE_CREATED: Final = "line.created"
LINE_CHANGED: Final = "line.changed"
LINE_ENDED: Final = "line.ended"
_DAY: Final = timedelta(days=1)
_CURSOR: Final = TypeAdapter[tuple[datetime, str, date, int]](tuple[Instant, LineCode, Day, int])


async def create(
    session: AsyncSession, wanted: NewLine, *, caller: Caller, once: Once | None, now: datetime
) -> Answer:
    async def make() -> tuple[str, LineHistory]:
        await repository.lock_lines(session)
        if await repository.versions(session, wanted.code):
            raise LineCodeInUse(f"there is a line {wanted.code}: change it, or choose another code")
        if await repository.lines_count(session) >= LINES_MAX:
            raise TooManyLines(f"there may be {LINES_MAX} lines")
        told = await _save(session, wanted.code, wanted, caller, now)
        await tell(session, LINE_CREATED, told, now)
        return f"/v1/lines/{wanted.code}", told

    return await idempotency.created(session, once, make)


async def change(
    session: AsyncSession, code: str, wanted: LineIn, *, caller: Caller, now: datetime
) -> LineHistory:
    """Another timetable from `valid_from` on, in place of all that was planned from then."""
    await repository.lock_lines(session)
    await _cut(session, code, wanted.valid_from)
    told = await _save(session, code, wanted, caller, now)
    await tell(session, LINE_CHANGED, told, now)
    return told


async def end(
    session: AsyncSession, code: str, wanted: LineEnd, *, caller: Caller, now: datetime
) -> LineHistory:
    _check_day("on", wanted.on, caller, now)
    await repository.lock_lines(session)
    await _cut(session, code, wanted.on + _DAY)
    told = await get(session, code)
    await tell(session, LINE_ENDED, told, now)
    return told


async def _cut(session: AsyncSession, code: str, begins: date) -> None:
    """End what is valid on the day before, take away what would begin later."""
    known = await repository.versions(session, code)
    if not known:
        raise LineNotFound(f"there is no line {code}")
    for version in known:
        if version.valid_from >= begins:
            await session.delete(version)
        elif version.valid_until is None or version.valid_until >= begins:
            version.valid_until = begins - _DAY
    await session.flush()


async def _save(
    session: AsyncSession, code: str, wanted: LineIn, caller: Caller, now: datetime
) -> LineHistory:
    _check_day("valid_from", wanted.valid_from, caller, now)
    calls = await checked_calls(session, wanted.calls)
    return await add(session, code, wanted, calls, (caller.id, now))


async def add(
    session: AsyncSession,
    code: str,
    wanted: LineIn,
    calls: Sequence[Call],
    recorded: tuple[str, datetime],
) -> LineHistory:
    """A line's timetable with calls that are in order; `recorded`: by whom and when."""
    session.add(
        LineVersion(
            code=code,
            valid_from=wanted.valid_from,
            valid_until=wanted.valid_until,
            name=wanted.name,
            mode=wanted.mode,
            days=domain.days_of(wanted.days),
            calls=[asdict(call) for call in calls],
            capacity_items=wanted.capacity_items,
            capacity_kg=wanted.capacity_kg,
            distance_km=wanted.distance_km,
            recorded_at=recorded[1],
            recorded_by=recorded[0],
        )
    )
    await session.flush()
    return await get(session, code)


def _check_day(field: str, day: date, caller: Caller, now: datetime) -> None:
    if day < tehran_date(now) and "backfill" not in caller.scopes:
        raise DayIsOver(f"{field} must be today or a day to come: what ran before stays as it was")


async def checked_calls(session: AsyncSession, wanted: Sequence[CallIn]) -> tuple[Call, ...]:
    """The calls, in order and at offices that there are; else Invalid."""
    calls = tuple(call.call() for call in wanted)
    if (fault := domain.calls_fault(calls)) is not None:
        raise Invalid.field("body.calls", fault)
    known = await repository.known_offices(session, {call.office for call in calls})
    for n, call in enumerate(calls):
        if call.office not in known:
            raise Invalid.field(
                f"body.calls.{n}.office", f"there is no office {call.office}", "unknown_office"
            )
    return calls


async def tell(session: AsyncSession, event: str, line: LineHistory, now: datetime) -> None:
    data = {"line": line.model_dump(mode="json")}
    await outbox.append(session, event, data, time=now, subject=line.code)


async def get(session: AsyncSession, code: str) -> LineHistory:
    known = await repository.versions(session, code)
    if not known:
        raise LineNotFound(f"there is no line {code}")
    return LineHistory(code=code, versions=[out(version) for version in known])


async def listing(
    session: AsyncSession, on: date, mode: Mode | None, office: str | None, page: Page
) -> tuple[list[LineOut], str | None]:
    rows = await repository.listing(session, on, mode, office, (page.after_text(), page.limit + 1))
    shown, cursor = cut(rows, page, lambda row: [row.code])
    return [out(row) for row in shown], cursor


async def timetable(
    session: AsyncSession,
    days: tuple[date, date],
    line: str | None,
    office: str | None,
    page: Page,
) -> tuple[list[DepartureOut], str | None]:
    """Departures of the runs of these days, both included, in their order."""
    first, last = days
    if not 0 <= (last - first).days < DAYS_MAX:
        raise Invalid.field("query.until_day", f"from {first} on, {DAYS_MAX} days at most")
    after = _after(page)
    lines = await repository.lines(session, first, last, line)
    found = sorted(
        (
            (hop, run)
            for run, day in domain.runs(lines, first, last)
            for hop in domain.hops(run, day)
            if (office is None or hop.origin == office) and (after is None or _key(hop) > after)
        ),
        key=lambda departure: _key(departure[0]),
    )
    shown, cursor = cut(found[: page.limit + 1], page, lambda departure: _cursor(departure[0]))
    return [_departure(hop, run) for hop, run in shown], cursor


def _key(hop: Hop) -> tuple[datetime, str, date, int]:
    return (hop.departs_at, hop.line or "", hop.day, hop.n)


def _cursor(hop: Hop) -> list[Any]:
    return [hop.departs_at.isoformat(), hop.line, hop.day.isoformat(), hop.n]


def _after(page: Page) -> tuple[datetime, str, date, int] | None:
    try:
        return None if page.after is None else _CURSOR.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None


def _departure(hop: Hop, line: Line) -> DepartureOut:
    return DepartureOut(
        line=line.code,
        mode=line.mode,
        day=hop.day,
        office=hop.origin,
        departs_at=hop.departs_at,
        next_office=hop.destination,
        arrives_at=hop.arrives_at,
        ends_at_office=line.calls[-1].office,
    )


def out(row: LineVersion) -> LineOut:
    return LineOut(
        code=row.code,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        name=row.name,
        mode=cast("Mode", row.mode),
        days=domain.weekdays(row.days),
        calls=[
            CallOut(
                office=call["office"],
                arrives=_local(call["arrives"]),
                departs=_local(call["departs"]),
            )
            for call in row.calls
        ],
        capacity_items=row.capacity_items,
        capacity_kg=row.capacity_kg,
        distance_km=row.distance_km,
    )


def _local(minutes: int | None) -> LocalTimeOut | None:
    return None if minutes is None else LocalTimeOut.of(minutes)
