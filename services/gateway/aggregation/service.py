"""Use cases that ask several sisters at once and answer with what came in time."""

import asyncio
from collections.abc import Awaitable, Iterator
from datetime import date, datetime, timedelta
from typing import TypeVar

import structlog

from services.gateway import clients
from services.gateway.aggregation.domain import Done, task_shares
from services.gateway.aggregation.errors import ParcelNotFound
from services.gateway.aggregation.schemas import FullTracking, ProvinceReport
from services.gateway.clients import (
    History,
    OfficeCard,
    ServicesByKind,
    SisterAway,
    SisterRefused,
    TasksByKind,
)
from services.gateway.forwarding.errors import SisterUnavailable
from shared.auth import Caller, World
from shared.calendar import Period, tehran_date
from shared.errors import Invalid
from shared.runtime import Runtime

log = structlog.get_logger(__name__)
T = TypeVar("T")


async def full_tracking(runtime: Runtime, world: World, barcode: str) -> FullTracking:
    """404 for an unknown parcel, 503 without parcels; everything else may be missing."""
    try:
        tracking, history, cases = await asyncio.gather(
            _unless_away(clients.tracking(runtime, world, barcode)),
            _if_answered(clients.history(runtime, world, barcode)),
            _if_answered(clients.open_cases(runtime, world, barcode)),
        )
    except SisterRefused as refused:
        raise ParcelNotFound("there is no parcel with this barcode") from refused
    if tracking is None:
        raise SisterUnavailable("parcels")
    origin_code, current_code = _offices_of(history)
    origin, current = await asyncio.gather(
        _office(runtime, world, origin_code), _office(runtime, world, current_code)
    )
    missing = ["complaints"] if cases is None else []
    if history is None or (origin_code and not origin) or (current_code and not current):
        missing.append("offices")
    return FullTracking(
        tracking=tracking,
        origin=origin,
        current=current,
        cases=cases,
        partial=bool(missing),
        missing=missing,
    )


async def province_report(runtime: Runtime, caller: Caller, period: str) -> ProvinceReport:
    """503 only if no sister answered."""
    parsed = Period.parse(period)
    on = _last_day(parsed, runtime.clock.now())
    try:
        volumes, complaints, satisfaction, tasks, services, workforce = await asyncio.gather(
            _unless_away(clients.statistics(runtime, caller, "parcels", "volumes", period=period)),
            _unless_away(
                clients.statistics(runtime, caller, "complaints", "complaints", period=period)
            ),
            _if_answered(
                clients.statistics(runtime, caller, "complaints", "satisfaction", period=period)
            ),
            _if_answered(clients.tasks(runtime, caller, period)),
            _if_answered(clients.services(runtime, caller, period)),
            _if_answered(
                clients.statistics(runtime, caller, "offices", "workforce", on=on.isoformat())
            ),
        )
    except SisterRefused as refused:
        raise Invalid.field("query.period", refused.detail) from refused
    parts = {
        "parcels": (volumes, tasks),
        # days are not kept of satisfaction: there it is not missing
        "complaints": (complaints,) if parsed.day else (complaints, satisfaction),
        "offices": (services, workforce),
    }
    if all(part is None for of_sister in parts.values() for part in of_sister):
        raise SisterUnavailable("parcels")
    missing = [sister for sister, of_sister in parts.items() if None in of_sister]
    return ProvinceReport(
        period=period,
        volumes=volumes,
        complaints=complaints,
        satisfaction=satisfaction,
        services=services and services[0],
        workforce=workforce,
        tasks=tasks and task_shares(_done(tasks, services and services[1])),
        partial=bool(missing),
        missing=missing,
    )


def _last_day(period: Period, now: datetime) -> date:
    return min(period.end - timedelta(days=1), tehran_date(now))


def _done(tasks: TasksByKind, services: ServicesByKind | None) -> Iterator[Done]:
    for row in tasks.rows:
        yield Done(row.task, row.kind, row.count)
    for of_kind in services.by_kind if services else ():
        yield Done("delegated", of_kind.kind, of_kind.count)


def _offices_of(history: History | None) -> tuple[str | None, str | None]:
    """Codes of the office of origin and of the last one that saw the item."""
    if history is None:
        return None, None
    seen = [event.office for event in history.events if event.office]
    return history.origin_office, seen[-1] if seen else history.origin_office


async def _office(runtime: Runtime, world: World, code: str | None) -> OfficeCard | None:
    return await _if_answered(clients.office(runtime, world, code)) if code else None


async def _if_answered(asked: Awaitable[T]) -> T | None:
    """For a part that may be missing, whatever the reason."""
    try:
        return await _unless_away(asked)
    except SisterRefused as refused:
        log.warning("sister_refused", status=refused.status)
        return None


async def _unless_away(asked: Awaitable[T]) -> T | None:
    try:
        return await asked
    except SisterAway as away:
        log.warning("sister_away", reason=str(away)[:200])
        return None
