"""Use cases of routing: the earliest way, an item's estimate, how offices ride to their centre."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking.errors import ParcelNotFound
from services.parcels.routing import domain, repository
from services.parcels.routing.domain import Estimate, Whereabouts
from services.parcels.routing.errors import NoRoute, RuleBeginsTooEarly, TooManyRules
from services.parcels.routing.models import FeederRuleRow
from services.parcels.routing.schemas import (
    EtaOut,
    FeederRuleIn,
    FeederRuleOut,
    LegOut,
    RouteOut,
)
from services.parcels.routing.timetable import Timetable
from services.parcels.tracking.service import resolve
from services.parcels.transit import service as transit
from services.parcels.transit.views import percentile_hours
from services.parcels.transport.domain import days_of, weekdays
from services.parcels.transport.repository import known_offices
from services.parcels.transport.schemas import LocalTimeOut
from services.parcels.vocabulary import STATUS_WIRE, Custodian, Status
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.database import Database
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.identifiers import barcode_of
from shared.pagination import Page, cut

RULES_MAX: Final = 20_000
FEEDER_RULE_SET: Final = "feeder_rule.set"


def route(timetable: Timetable, origin: str, destination: str, at: datetime) -> RouteOut:
    for field, code in (("from", origin), ("to", destination)):
        if code not in timetable.places.by_code:
            raise Invalid.field(f"query.{field}", f"there is no office {code}", "unknown_office")
    journey = timetable.network.journey(origin, destination, at)
    if journey is None:
        raise NoRoute(f"nothing goes from {origin} to {destination} within two weeks of {at}")
    return RouteOut(
        origin=origin,
        destination=destination,
        at=at,
        arrives_at=journey.arrives_at,
        delivered_by=timetable.network.delivered_by(destination, journey.arrives_at),
        legs=[LegOut.model_validate(leg) for leg in journey.legs],
    )


async def eta(
    connection: asyncpg.Connection | asyncpg.Pool, timetable: Timetable, item_id: int, now: datetime
) -> Estimate | None:
    """An item's estimate; None where there is no such item."""
    return (await etas(connection, timetable, [item_id], now)).get(item_id)


async def etas(
    connection: asyncpg.Connection | asyncpg.Pool,
    timetable: Timetable,
    ids: Collection[int],
    now: datetime,
) -> dict[int, Estimate]:
    """Estimates of many items by id, in one statement; those that there are not are left out."""
    return {
        row["item_id"]: domain.estimate(timetable.network, _whereabouts(timetable, row), now)
        for row in await repository.items(connection, ids)
    }


def _whereabouts(timetable: Timetable, row: Any) -> Whereabouts:
    places = timetable.places
    custodian = row["custodian"] and Custodian(row["custodian"])
    return Whereabouts(
        row["item_id"],
        Status(row["status"]),
        custodian,
        places.code_of(row["custodian_id"]),
        row["fold_at"],
        places.code_of(row["origin_office"]),
        places.delivery_office(row["to_province"], row["to_town"]),
    )


async def eta_of(database: Database, timetable: Timetable, barcode: str, now: datetime) -> EtaOut:
    """What anyone may know who has the number, as of tracking: times, and the town."""
    item_id = await resolve(database, barcode)
    rows = [] if item_id is None else await repository.items(database.hot, [item_id])
    if not rows:
        raise ParcelNotFound
    (row,) = rows
    item = _whereabouts(timetable, row)
    found = domain.estimate(timetable.network, item, now)
    office = timetable.places.by_code.get(found.office or "")
    taken_h = await _lane_hours(database, timetable, item, row["product"], now)
    return EtaOut(
        barcode=barcode_of(row["item_id"]),
        status=STATUS_WIRE[row["status"]],
        town=office.town_name if office else None,
        arrives_at=found.arrives_at,
        delivered_by=found.delivered_by,
        lane_p50_h=percentile_hours(taken_h, 50),
        lane_p90_h=percentile_hours(taken_h, 90),
        reason=found.reason,
    )


async def _lane_hours(
    database: Database, timetable: Timetable, item: Whereabouts, product: int, now: datetime
) -> Sequence[int]:
    """What items of its product took between its counties of late, in the statistics' buckets."""
    offices = timetable.places.by_code
    origin, goal = (offices.get(code or "") for code in (item.origin, item.delivery_office))
    if origin is None or goal is None:
        return ()
    async with database.transaction() as session:
        until = tehran_date(now)
        total = await transit.history(session, origin.county, goal.county, product, until)
    return total.hours


async def set_rule(
    session: AsyncSession, wanted: FeederRuleIn, *, caller: Caller, once: Once | None, now: datetime
) -> Answer:
    """From a day to come on; one recorded before for that day no longer holds."""

    async def make() -> tuple[str, FeederRuleOut]:
        if wanted.valid_from < tehran_date(now) and "backfill" not in caller.scopes:
            raise RuleBeginsTooEarly("valid_from must be today or a day to come")
        if wanted.office is not None and not await known_offices(session, {wanted.office}):
            raise Invalid.field(
                "body.office", f"there is no office {wanted.office}", "unknown_office"
            )
        await repository.lock_rules(session)
        if await repository.rules_count(session) >= RULES_MAX:
            raise TooManyRules(f"there may be {RULES_MAX} feeder rules")
        row = _row(wanted, caller, now)
        session.add(row)
        await session.flush()
        told = rule_out(row)
        data = {"feeder_rule": told.model_dump(mode="json")}
        await outbox.append(session, FEEDER_RULE_SET, data, time=now, subject=wanted.office)
        return "/v1/feeder-rules", told

    return await idempotency.created(session, once, make)


def _row(wanted: FeederRuleIn, caller: Caller, now: datetime) -> FeederRuleRow:
    return FeederRuleRow(
        office=wanted.office,
        valid_from=wanted.valid_from,
        days=days_of(wanted.days),
        collected_min=wanted.collected.minutes,
        at_centre_min=wanted.at_centre.minutes,
        sent_out_min=wanted.sent_out.minutes,
        at_office_min=wanted.at_office.minutes,
        round_leaves_min=wanted.round_leaves.minutes,
        round_back_min=wanted.round_back.minutes,
        sorting_min=wanted.sorting_minutes,
        source=wanted.source,
        recorded_at=now,
        recorded_by=caller.id,
    )


async def listing_rules(
    session: AsyncSession, office: str | None, page: Page
) -> tuple[list[FeederRuleOut], str | None]:
    rows = await repository.rules_listing(session, office, page.after_int(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.id])
    return [rule_out(row) for row in shown], cursor


def rule_out(row: FeederRuleRow) -> FeederRuleOut:
    return FeederRuleOut(
        office=row.office,
        valid_from=row.valid_from,
        days=weekdays(row.days),
        collected=LocalTimeOut.of(row.collected_min),
        at_centre=LocalTimeOut.of(row.at_centre_min),
        sent_out=LocalTimeOut.of(row.sent_out_min),
        at_office=LocalTimeOut.of(row.at_office_min),
        round_leaves=LocalTimeOut.of(row.round_leaves_min),
        round_back=LocalTimeOut.of(row.round_back_min),
        sorting_minutes=row.sorting_min,
        source=row.source,
        recorded_at=row.recorded_at,
    )
