"""Use cases of flows: count a month's items, say which lines lengthen delivery, try a change."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.flows import domain, repository
from services.parcels.flows.domain import Evaluation, Flow
from services.parcels.flows.errors import FlowsNotCounted, MonthNotOver
from services.parcels.flows.models import FlowCount
from services.parcels.flows.schemas import (
    Analysis,
    ChangedLane,
    FlowCountOut,
    FlowRequest,
    LaneOut,
    LineAnalysis,
    LineChange,
    WhatIf,
    WhatIfAnswer,
)
from services.parcels.routing.domain import Network
from services.parcels.routing.timetable import Timetable
from services.parcels.transport.domain import Line, days_of
from services.parcels.transport.service import checked_calls
from shared import outbox
from shared.calendar import Period, jalali_date
from shared.clock import Clock, world_now
from shared.database import Database
from shared.errors import Invalid
from shared.idempotency import Answer, Once, created
from shared.pagination import Page, cut
from shared.validity import Span

FLOWS_REQUESTED: Final = "flows.requested"
FLOWS_COUNTED: Final = "flows.counted"
_BEFORE: Final = timedelta(days=14)
_DAY: Final = timedelta(days=1)


def last_month(now: datetime) -> Period:
    """The Jalali month that ended last."""
    year, month, _ = map(int, jalali_date(now).split("-"))
    return Period(year, month=month - 1) if month > 1 else Period(year - 1, month=12)


async def request(
    session: AsyncSession, wanted: FlowRequest, *, once: Once | None, now: datetime
) -> Answer:
    """Have a month counted, again if it was: what was recorded late counts then."""

    async def make() -> tuple[str, FlowCountOut]:
        period = Period.parse(wanted.month)
        if period.end_at > now:
            raise MonthNotOver(f"{period} is not over: choose an earlier month")
        await repository.request(session, str(period), now)
        told = await _count_of(session, str(period))
        await _tell(session, FLOWS_REQUESTED, told, now)
        return "/v1/routes/flows", told

    return await created(session, once, make)


async def _count_of(session: AsyncSession, month: str) -> FlowCountOut:
    return FlowCountOut.model_validate(await repository.count_of(session, month))


async def _tell(session: AsyncSession, event: str, told: FlowCountOut, now: datetime) -> None:
    data = {"flows": told.model_dump(mode="json")}
    await outbox.append(session, event, data, time=now, subject=told.month)


async def listing(session: AsyncSession, page: Page) -> tuple[list[FlowCountOut], str | None]:
    rows = await repository.counts(session, page.after_text(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.month])
    return [FlowCountOut.model_validate(row) for row in shown], cursor


async def carry_out(database: Database, clock: Clock) -> None:
    """Count the month that ended last, and those that were asked for, a transaction each."""
    async with database.transaction() as session:
        now = await world_now(session, clock)
        await repository.ensure(session, str(last_month(now)), now)
        more = await repository.is_pending(session)
    timetable = Timetable(database)
    while more:
        await timetable.fresh()
        async with database.transaction() as session:
            pending = await repository.lock_pending(session)
            more = pending is not None
            if pending is not None:
                await _count(session, timetable, pending, await world_now(session, clock))


async def _count(
    session: AsyncSession, timetable: Timetable, pending: FlowCount, now: datetime
) -> None:
    period, places = Period.parse(pending.month), timetable.places
    offices = []
    for office in places.by_code.values():
        centre, rule = places.centre(office.code), timetable.network.rule(office.code, period.start)
        if centre is not None:
            offices.append((office.id, centre, rule.collected_min if rule else 0))
    flows: Counter[tuple[date, str, str]] = Counter()
    unplaced = total = 0
    for accepted in await repository.accepted(session, period, offices):
        goal = places.delivery_office(accepted.province, accepted.town)
        destination = goal and places.centre(goal)
        day = domain.collected_on(timetable.network, accepted)
        total += accepted.items
        if day is None or destination is None or not accepted.origin:
            unplaced += accepted.items
        else:
            flows[day, accepted.origin, destination] += accepted.items
    await repository.replace(session, pending.month, flows)
    pending.counted_at = max(now, pending.requested_at)
    pending.items, pending.unplaced = total, unplaced
    await session.flush()
    await _tell(session, FLOWS_COUNTED, FlowCountOut.model_validate(pending), now)


@dataclass(frozen=True, slots=True)
class _Month:
    period: Period
    count: FlowCount
    counted_at: datetime
    flows: Sequence[Flow]
    delays: Mapping[str, float]


async def _month(session: AsyncSession, text: str | None, now: datetime) -> _Month:
    period = last_month(now) if text is None else Period.parse(text)
    if period.month is None or period.day is not None:
        raise Invalid.field("query.month", "write a Jalali month as 1397-05")
    count = await repository.count_of(session, str(period))
    if count is None or count.counted_at is None:
        raise FlowsNotCounted(f"{period} is not counted: POST /v1/routes/flows asks for it")
    flows = await repository.flows(session, str(period))
    delays = await repository.delays(session, period.start, period.end)
    return _Month(period, count, count.counted_at, flows, delays)


def _planned(timetable: Timetable, lines: Sequence[Line]) -> Network:
    """The timetable as it was meant, without what went amiss."""
    return Network(lines, timetable.network.rules, timetable.places.centre_of)


async def analysis(
    session: AsyncSession, timetable: Timetable, text: str | None, now: datetime
) -> Analysis:
    month = await _month(session, text, now)
    network = _planned(timetable, timetable.network.lines)
    found = await asyncio.to_thread(domain.evaluate, network, month.flows)
    return Analysis(
        month=str(month.period),
        counted_at=month.counted_at,
        items=month.count.items,
        local=sum(flow.items for flow in month.flows if flow.origin == flow.destination),
        unplaced=month.count.unplaced,
        unreachable=found.unreachable,
        mean_h=found.mean_h,
        lines=_lines(found, timetable.network.lines, month.delays),
        lanes=[
            LaneOut(
                origin=origin,
                destination=destination,
                items=use.items,
                mean_h=use.mean_h,
                worst_h=round(use.worst_h, 2),
            )
            for (origin, destination), use in sorted(found.lanes.items())
        ],
    )


def _lines(
    found: Evaluation, lines: Sequence[Line], delays: Mapping[str, float]
) -> list[LineAnalysis]:
    """Those that lengthen delivery most first; a run that is early lengthens nothing."""
    late = {line: max(0.0, delays.get(line, 0.0)) for line in found.lines}
    hours = {
        line: use.wait_h + use.ride_h + late[line] * use.items for line, use in found.lines.items()
    }
    total = sum(hours.values())
    return [
        LineAnalysis(
            line=line,
            items=use.items,
            item_hours=round(hours[line], 1),
            share_percent=round(100 * hours[line] / total, 1) if total else 0.0,
            wait_mean_h=round(use.wait_h / use.items, 2),
            ride_mean_h=round(use.ride_h / use.items, 2),
            delay_mean_h=round(delays[line], 2) if line in delays else None,
            runs=len(use.by_run),
            peak_items=max(use.by_run.values()),
            capacity_items=_capacity(lines, line, max(use.by_run)),
            overfull_runs=sum(
                items > _capacity(lines, line, day) for day, items in use.by_run.items()
            ),
        )
        for line, use in sorted(found.lines.items(), key=lambda one: (-hours[one[0]], one[0]))
    ]


def _capacity(lines: Sequence[Line], code: str, day: date) -> int:
    """Of a run that there is."""
    return next(line.capacity_items for line in lines if line.code == code and line.runs_on(day))


async def what_if(
    session: AsyncSession, timetable: Timetable, wanted: WhatIf, now: datetime
) -> WhatIfAnswer:
    """The same items over the timetable as it was, and as it would have been."""
    month = await _month(session, wanted.month, now)
    lines = await _changed(session, timetable.network.lines, wanted.changes, month.period)
    before, after = await asyncio.to_thread(
        lambda: (
            domain.evaluate(_planned(timetable, timetable.network.lines), month.flows),
            domain.evaluate(_planned(timetable, lines), month.flows),
        )
    )
    changes = domain.changes(before, after, month.flows)
    return WhatIfAnswer(
        month=str(month.period),
        items=sum(flow.items for flow in month.flows if flow.origin != flow.destination),
        before_mean_h=before.mean_h,
        after_mean_h=after.mean_h,
        unreachable_before=before.unreachable,
        unreachable_after=after.unreachable,
        saved_item_hours=round(domain.saved_h(before, after), 1),
        lanes=[
            ChangedLane(
                origin=change.lane[0],
                destination=change.lane[1],
                items=change.items,
                before_h=change.before_h,
                after_h=change.after_h,
            )
            for change in changes
        ],
        lines=_lines(after, lines, month.delays),
    )


async def _changed(
    session: AsyncSession, lines: Sequence[Line], changes: Sequence[LineChange], period: Period
) -> list[Line]:
    known, named = {line.code for line in lines}, {change.code for change in changes}
    found = [line for line in lines if line.code not in named]
    for n, change in enumerate(changes):
        wanted = change.line
        if wanted is None:
            if change.code not in known:
                raise Invalid.field(f"body.changes.{n}.code", f"there is no line {change.code}")
            continue
        found.append(
            Line(
                change.code,
                Span(period.start - _BEFORE, period.end + _BEFORE * 3),
                wanted.mode,
                days_of(wanted.days),
                await checked_calls(session, wanted.calls),
                wanted.capacity_items,
                wanted.capacity_kg,
                wanted.distance_km,
            )
        )
    return found
