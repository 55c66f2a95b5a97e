"""Use cases that ask several sisters at once and answer with what came in time."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway import clients
from services.gateway.aggregation import repository
from services.gateway.aggregation.domain import Done, Parts, rows, task_shares, unchanged_since
from services.gateway.aggregation.errors import ParcelNotFound
from services.gateway.aggregation.schemas import ActivePartners, FullTracking, ProvinceReport
from services.gateway.clients import (
    Body,
    History,
    OfficeCard,
    ServicesByKind,
    SisterRefused,
    Tariffs,
    TasksByKind,
    if_answered,
    unless_away,
)
from services.gateway.feed import repository as feed
from services.gateway.forwarding.errors import SisterUnavailable
from services.gateway.partners.models import Partner
from shared.auth import Caller, World
from shared.calendar import Period, tehran_date
from shared.errors import Invalid
from shared.runtime import Runtime


async def full_tracking(runtime: Runtime, world: World, barcode: str) -> FullTracking:
    """404 for an unknown parcel, 503 without parcels; everything else may be missing."""
    try:
        tracking, history, cases = await asyncio.gather(
            unless_away(clients.tracking(runtime, world, barcode)),
            if_answered(clients.history(runtime, world, barcode)),
            if_answered(clients.open_cases(runtime, world, barcode)),
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
    if (origin_code and not origin) or (current_code and not current):
        missing.append("offices")
    if history is None:  # by which offices it went is not known
        missing.append("parcels")
    return FullTracking(
        tracking=tracking,
        origin=origin,
        current=current,
        cases=cases,
        partial=bool(missing),
        missing=missing,
    )


async def province_report(runtime: Runtime, caller: Caller, period: str) -> ProvinceReport:
    """503 only if no sister answered. All are asked at once, each with its deadline."""
    parsed = Period.parse(period)
    try:
        found = await _gathered(runtime, caller, parsed)
    except SisterRefused as refused:
        raise Invalid.field("query.period", refused.detail) from refused
    if not found.anything(parsed):
        raise SisterUnavailable("parcels")
    missing = found.missing(parsed)
    active = await _active(runtime, caller, parsed)
    services, by_kind = found.services or (None, None)
    on = _last_day(parsed, runtime.clock.now())
    parts = Parts(
        volumes=found.volumes,
        services=services,
        workforce=found.workforce,
        transit=found.transit,
        satisfaction=found.satisfaction,
        compensation=found.compensation,
        tasks=None if found.tasks is None else task_shares(_done(found.tasks, by_kind)),
        active=active,
        tariff_years=None if found.tariffs is None else unchanged_since(found.tariffs, on),
    )
    return ProvinceReport(
        period=period,
        volumes=found.volumes,
        complaints=found.complaints,
        satisfaction=found.satisfaction,
        compensation=found.compensation,
        services=services,
        workforce=found.workforce,
        transit=found.transit and found.transit.get("total"),
        tasks=parts.tasks,
        partners=active,
        rows=rows(parts),
        partial=bool(missing),
        missing=missing,
    )


@dataclass(slots=True)
class _Found:
    """What the sisters answered; None where one did not."""

    volumes: Body | None
    complaints: Body | None
    satisfaction: Body | None
    compensation: Body | None
    tasks: TasksByKind | None
    transit: Body | None
    tariffs: Tariffs | None
    services: tuple[Body, ServicesByKind] | None
    workforce: Body | None

    def _parts(self, period: Period) -> dict[str, tuple[object, ...]]:
        """By sister. Of satisfaction and compensation days are not kept: there none is missing."""
        voices = () if period.day else (self.satisfaction, self.compensation)
        return {
            "parcels": (self.volumes, self.tasks, self.transit, self.tariffs),
            "complaints": (self.complaints, *voices),
            "offices": (self.services, self.workforce),
        }

    def missing(self, period: Period) -> list[str]:
        return [sister for sister, parts in self._parts(period).items() if None in parts]

    def anything(self, period: Period) -> bool:
        parts = self._parts(period).values()
        return any(part is not None for of_sister in parts for part in of_sister)


async def _gathered(runtime: Runtime, caller: Caller, period: Period) -> _Found:
    on = _last_day(period, runtime.clock.now()).isoformat()

    async def counted(sister: str, what: str, **params: str) -> Body:
        return await clients.statistics(runtime, caller, sister, what, **params)

    text = str(period)
    counted_things, others = await asyncio.gather(
        asyncio.gather(
            unless_away(counted("parcels", "volumes", period=text)),
            unless_away(counted("complaints", "complaints", period=text)),
            if_answered(counted("complaints", "satisfaction", period=text)),
            if_answered(counted("complaints", "compensation", period=text)),
        ),
        asyncio.gather(
            if_answered(clients.tasks(runtime, caller, text)),
            if_answered(counted("parcels", "transit", period=text)),
            if_answered(clients.tariffs(runtime, caller)),
            if_answered(clients.services(runtime, caller, text)),
            if_answered(counted("offices", "workforce", on=on)),
        ),
    )
    volumes, complaints, satisfaction, compensation = counted_things
    done, transit, tariffs, services, workforce = others
    return _Found(
        volumes=volumes,
        complaints=complaints,
        satisfaction=satisfaction,
        compensation=compensation,
        tasks=done,
        transit=transit,
        tariffs=tariffs,
        services=services,
        workforce=workforce,
    )


async def active_accounts(
    runtime: Runtime, accounts: AsyncSession, world: World, period: Period
) -> Sequence[Partner]:
    """Whom the report counts as active partners, by name; nobody for a day."""
    months = _months_of(period)
    if months is None:
        return []
    async with runtime.databases[world].transaction() as session:
        who = await feed.active_partners(session, *months)
    return await repository.accounts(accounts, who)


def _months_of(period: Period) -> tuple[int, int] | None:
    """The first and the last: who booked is known by months, so not of a day."""
    months = [month.year * 100 + (month.month or 0) for month in period.months()]
    return (months[0], months[-1]) if months else None


async def _active(runtime: Runtime, caller: Caller, period: Period) -> ActivePartners | None:
    """Accounts are in the live database, whichever world they booked in."""
    months = _months_of(period)
    if months is None:
        return None
    async with runtime.databases[caller.world].transaction() as session:
        who = await feed.active_partners(session, *months)
    async with runtime.databases["live"].transaction() as session:
        kinds = await repository.kinds(session, who)
    return ActivePartners(
        shops=kinds.get("shop", 0),
        banks=kinds.get("bank", 0),
        others=len(who) - kinds.get("shop", 0) - kinds.get("bank", 0),
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
    return await if_answered(clients.office(runtime, world, code)) if code else None
