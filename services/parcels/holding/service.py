"""Use cases of holding: who waits where until when; what happens when time is up; returns."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import service as booking
from services.parcels.caches import Caches, Desk
from services.parcels.couriers.service import office_of
from services.parcels.holding import domain, repository
from services.parcels.holding.domain import Begun
from services.parcels.holding.errors import NotHeld, NotReturned, RuleTooLate
from services.parcels.holding.events import (
    HOLDING_BEGUN,
    HOLDING_ENDED,
    HOLDING_EXPIRED,
    RETURN_BEGUN,
    RULE_SET,
    HeldItem,
    ReturnItem,
    items_event,
    rule_event,
)
from services.parcels.holding.models import Holding, HoldingRule, ReturnLeg
from services.parcels.holding.repository import Standing
from services.parcels.holding.schemas import HoldingOut, ReturnOut, RuleIn, RuleOut, RulesOut
from services.parcels.network.service import Directory
from services.parcels.runs import repository as runs
from services.parcels.scanning import service as scanning
from services.parcels.scanning.service import Fact
from services.parcels.tariff.domain import POINTS, Place
from services.parcels.tariff.errors import NoTariff
from services.parcels.vocabulary import Event
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database, driver
from shared.idempotency import Answer, Once
from shared.identifiers import barcode_of
from shared.money import share
from shared.pagination import Page, cut

ITEMS: Final = 200
"""Of a step of the timer."""
TIMER: Final = Caller("parcels", "service", frozenset({"internal", "backfill"}))


async def follow(
    session: AsyncSession, caches: Caches, events: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Consumer of parcels' own events: keep the holdings, begin the returns.

    What to look at comes of the events, how it stands of the items' rows: so that a page that
    comes again, late or out of order has the same effect.
    """
    moves = domain.moves(events)
    if not (moves.waiting or moves.returning):
        return
    directory = await caches.directory.fresh()
    barcodes = moves.waiting | {begun.barcode for begun in moves.returning.values()}
    items = await repository.items_of(session, barcodes)
    await _keep(session, directory, [items[b] for b in moves.waiting if b in items], now)
    begun = {
        event_id: (items[how.barcode], how)
        for event_id, how in moves.returning.items()
        if how.barcode in items
    }
    if begun:
        await _begin_returns(session, caches, begun, now)


async def _keep(
    session: AsyncSession, directory: Directory, items: Collection[int], now: datetime
) -> None:
    """Bring the holdings of these items to what their rows tell."""
    if not items:
        return
    found = await repository.standings(session, items)
    new = [item for item in found if item.waits and _moved(item)]
    gone = [item for item in found if not item.waits and item.held is not None]
    if new:
        rows = [await _holding(session, item) for item in new]
        told = [_held(directory, item, row) for item, row in zip(new, rows, strict=True)]
        await repository.keep(session, rows)
        await outbox.append(session, HOLDING_BEGUN, items_event(told), time=now)
    if gone:
        told = [_held(directory, item, _columns(item.held)) for item in gone if item.held]
        await repository.drop(session, [item.item_id for item in gone])
        await outbox.append(session, HOLDING_ENDED, items_event(told), time=now)


def _moved(item: Standing) -> bool:
    """Whether the holding is to begin: at the same office, a second scan prolongs nothing."""
    return item.held is None or item.held.office != item.office


async def _holding(session: AsyncSession, item: Standing) -> dict[str, Any]:
    rule = await repository.rule(session, tehran_date(item.fold_at))
    return {
        "item_id": item.item_id,
        "office": item.office,
        "since": item.fold_at,
        "until": domain.end_of_day(item.fold_at, rule.hold_days),
    }


def _columns(held: Holding) -> dict[str, Any]:
    return {"office": held.office, "since": held.since, "until": held.until}


def _held(directory: Directory, item: Standing, row: Mapping[str, Any]) -> HeldItem:
    return HeldItem(
        barcode=barcode_of(item.item_id),
        partner=item.partner,
        office=_code(directory, row["office"]),
        since=row["since"],
        until=row["until"],
        status=item.status.wire,
    )


def _code(directory: Directory, number: int | None) -> str | None:
    office = directory.by_id.get(number or 0)
    return office.code if office else None


async def _begin_returns(
    session: AsyncSession,
    caches: Caches,
    begun: Mapping[UUID, tuple[int, Begun]],
    now: datetime,
) -> None:
    """Each with its own price and promise, once an event."""
    items = {item for item, _ in begun.values()}
    known = await repository.known_returns(session, begun, items)
    facts = await repository.returning(session, items)
    branches = await repository.offices_of_branches(
        session,
        {(f.partner, f.return_branch) for f in facts.values() if f.undelivered == "branch"},
    )
    await caches.tariff.fresh()
    rows, told = [], []
    for event_id, (item_id, how) in begun.items():
        if event_id in known or item_id not in facts:
            continue
        row = await _leg(session, caches, facts[item_id], how, branches)
        rows.append({**row, "event_id": event_id})
        directory = caches.directory
        told.append(
            ReturnItem.model_validate(
                {
                    **rows[-1],
                    "barcode": barcode_of(item_id),
                    "office": _code(directory, row["office"]),
                    "backfill": facts[item_id].backfill,
                }
            )
        )
    if rows:
        await repository.add_returns(session, rows)
        await outbox.append(session, RETURN_BEGUN, items_event(told), time=now)


async def _leg(
    session: AsyncSession,
    caches: Caches,
    item: Any,
    how: Begun,
    branches: Mapping[tuple[UUID, str], int],
) -> dict[str, Any]:
    rule = await repository.rule(session, tehran_date(how.at))
    to_branch = item.undelivered == "branch"
    target = item.origin_office
    if to_branch:
        target = branches.get((item.partner, item.return_branch), target)
    price = _price(caches, item, how, target, rule.return_basis_points)
    return {
        "item_id": item.item_id,
        "partner": item.partner,
        "destination": "branch" if to_branch else "sender",
        "branch": item.return_branch if to_branch else None,
        "office": target,
        "price_rials": price[0] if price else None,
        "tariff": price[1] if price else None,
        "started_at": how.at,
        "promised_at": domain.end_of_day(how.at, rule.return_days),
    }


def _price(
    caches: Caches, item: Any, how: Begun, target: int | None, points: int
) -> tuple[int, str] | None:
    """Rials and tariff of the way back; None where no tariff has it."""
    here = caches.directory.by_code.get(how.office or "")
    there = caches.directory.by_id.get(target or 0)
    if here is None or there is None or item.weight_g is None:
        return None
    wanted = domain.return_consignment(
        item.product,
        item.weight_g,
        Place(here.province, here.town),
        Place(there.province, there.town),
    )
    try:
        price = caches.tariff.price(wanted, how.at)
    except NoTariff:
        return None
    return share(price.rials, points, POINTS), price.version


async def end_due(database: Database, caches: Caches, clock: Clock) -> None:
    """All holdings whose time is up, a bounded transaction at a time."""
    more = True
    while more:
        async with database.transaction() as session:
            more = await _end_some(session, database, caches, clock)


async def _end_some(
    session: AsyncSession, database: Database, caches: Caches, clock: Clock
) -> bool:
    """Back they go, or they wait for whoever destroys them. False where there are no more."""
    now = await world_now(session, clock)
    due = await repository.due(session, now, ITEMS)
    if not due:
        return False
    directory = await caches.directory.fresh()
    await runs.lock_items(session, sorted(due))
    desk = Desk(TIMER, database, caches, clock.now())
    found = [item for item in await repository.standings(session, due) if item.waits]
    terms = await repository.returning(session, [item.item_id for item in found])
    back = [i for i in found if terms[i.item_id].undelivered != "destroy"]
    facts = [_return(item, item.held, now) for item in back if item.held is not None]
    if facts:
        await scanning.record_within(await driver(session), desk, facts)
    # to be destroyed, or sent back before and declared not to have been: people decide
    left = [item for item in await repository.standings(session, due) if item.waits]
    if left:
        await repository.mark_over(session, [item.item_id for item in left], now)
        told = [_held(directory, item, _columns(item.held)) for item in left if item.held]
        await outbox.append(session, HOLDING_EXPIRED, items_event(told), time=desk.now)
    await _keep(session, directory, due, desk.now)
    return len(due) == ITEMS


def _return(item: Standing, held: Holding, now: datetime) -> Fact:
    return Fact(
        item.item_id,
        domain.event_of(item.item_id, held.until),
        Event.RETURN_STARTED,
        item.office,
        now,
        "unclaimed",
        "return_to_sender",
    )


async def set_rule(session: AsyncSession, desk: Desk, wanted: RuleIn, once: Once | None) -> Answer:
    """From a day to come on; what waits already keeps the end it was told."""

    async def make() -> tuple[str, RuleOut]:
        if wanted.valid_from <= tehran_date(desk.now) and "backfill" not in desk.caller.scopes:
            raise RuleTooLate("valid_from must be a day to come")
        row = HoldingRule(**wanted.model_dump(), recorded_at=desk.now, recorded_by=desk.caller.id)
        session.add(row)
        await session.flush()
        subject = wanted.valid_from.isoformat()
        await outbox.append(session, RULE_SET, rule_event(row), time=desk.now, subject=subject)
        return "/v1/holding-rules", RuleOut.model_validate(row)

    return await idempotency.created(session, once, make)


async def rules(session: AsyncSession) -> RulesOut:
    rows = await repository.rules(session)
    return RulesOut(items=[RuleOut.model_validate(row) for row in rows])


async def at_office(
    session: AsyncSession, desk: Desk, code: str, page: Page
) -> tuple[list[HoldingOut], str | None]:
    """What waits at an office."""
    after = page.after_int()
    office = await office_of(desk, code, "query.office")
    rows = await repository.at_office(session, office, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.item_id)])
    return [_out(desk, row) for row in shown], cursor


async def of_own(session: AsyncSession, desk: Desk, barcode: str) -> HoldingOut:
    await desk.caches.directory.fresh()
    parcel = await booking.get(session, desk.caller, barcode)
    held = await repository.holding(session, parcel.item_id)
    if held is None:
        raise NotHeld("this parcel does not wait at an office")
    return _out(desk, held)


def _out(desk: Desk, held: Holding) -> HoldingOut:
    return HoldingOut(
        barcode=barcode_of(held.item_id),
        office=_code(desk.caches.directory, held.office),
        since=held.since,
        until=held.until,
        over=held.over_at is not None,
    )


async def return_of_own(session: AsyncSession, desk: Desk, barcode: str) -> ReturnOut:
    await desk.caches.directory.fresh()
    parcel = await booking.get(session, desk.caller, barcode)
    leg: ReturnLeg | None = await repository.last_return(session, parcel.item_id)
    if leg is None:
        raise NotReturned("no return of this parcel has begun")
    return ReturnOut.model_validate(
        {
            "barcode": barcode_of(leg.item_id),
            "event_id": leg.event_id,
            "destination": leg.destination,
            "branch": leg.branch,
            "office": _code(desk.caches.directory, leg.office),
            "price_rials": leg.price_rials,
            "tariff_version": leg.tariff,
            "started_at": leg.started_at,
            "promised_at": leg.promised_at,
        }
    )
