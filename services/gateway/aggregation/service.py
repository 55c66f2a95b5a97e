"""Use cases that ask several sisters at once and answer with what came in time."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from services.gateway import clients
from services.gateway.aggregation.errors import ParcelNotFound
from services.gateway.aggregation.schemas import FullTracking, ProvinceReport
from services.gateway.clients import History, OfficeCard, SisterAway, SisterRefused
from services.gateway.forwarding.errors import SisterUnavailable
from shared.auth import Caller, World
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
    try:
        volumes, complaints = await asyncio.gather(
            _unless_away(clients.statistics(runtime, caller, "parcels", "volumes", period)),
            _unless_away(clients.statistics(runtime, caller, "complaints", "complaints", period)),
        )
    except SisterRefused as refused:
        raise Invalid.field("query.period", refused.detail) from refused
    parts = {"parcels": volumes, "complaints": complaints}
    missing = [name for name, part in parts.items() if part is None]
    if len(missing) == len(parts):
        raise SisterUnavailable("parcels")
    return ProvinceReport(
        period=period,
        volumes=volumes,
        complaints=complaints,
        partial=bool(missing),
        missing=missing,
    )


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
