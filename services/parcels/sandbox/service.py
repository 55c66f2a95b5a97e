"""Lives the scripted parcels of the test world up to its clock. No other world has any."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.parcels.caches import Caches, Desk
from services.parcels.custody import service as custody
from services.parcels.drawers import service as drawers
from services.parcels.drawers.errors import DayClosed
from services.parcels.drawers.schemas import NewDrawerClose
from services.parcels.network.service import Directory
from services.parcels.sandbox import domain, repository
from services.parcels.sandbox.domain import Step
from services.parcels.sandbox.repository import Scripted
from services.parcels.scanning import repository as scans
from services.parcels.scanning import service as scanning
from services.parcels.scanning.service import Fact
from services.parcels.vocabulary import Event
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database, driver
from shared.errors import Problem
from shared.idempotency import Once
from shared.identifiers import barcode_of

log = structlog.get_logger(__name__)

HAND: Final = Caller("00000000-0000-7000-8000-0000005a4db0", "staff", frozenset(), "test")
"""Who scans, decides and counts by the scripts."""
LIVES: Final = timedelta(days=90)
"""How old a booking may be whose script is still followed."""
ITEMS: Final = 200
DELIVERY_KINDS: Final = ("post_office", "agency", "rural_ict")


async def live(database: Database, caches: Caches, clock: Clock) -> int:
    """Every step that is due at the world's clock; how many were taken."""
    directory = await caches.directory.fresh()
    async with database.transaction() as session:
        now = await world_now(session, clock)
    taken, after = 0, -1
    while True:
        async with database.hot.acquire() as connection:
            items = await repository.living(connection, now - LIVES, after, ITEMS)
        for item in items:
            try:
                taken += await _live(database, caches, item, now)
            except Problem as refused:  # somebody else has moved it on: its script is over
                log.info("sandbox_script_ends", code=refused.code, detail=refused.detail)
        if len(items) < ITEMS:
            break
        after = items[-1].item_id
    return taken + await _count_short(database, directory, now)


async def _live(database: Database, caches: Caches, item: Scripted, now: datetime) -> int:
    """The item's due steps, each at its own time, as if somebody had been there."""
    life = domain.life_of(item.reference)
    if life is None:
        return 0
    taken = 0
    for nth, step in enumerate(domain.script(life, item.booked_at, item.promised_at)):
        event_id = domain.event_id(item.item_id, nth)
        if step.at > now or event_id in item.known:
            continue
        office = _office(caches.directory, item, step)
        desk = Desk(HAND, database, caches, step.at)
        if step.event is Event.LOST:
            await _lose(database, caches.directory, item, step)
        else:
            fact = Fact(
                item.item_id, event_id, step.event, office, step.at, step.reason, step.action
            )
            await _scan(database, desk, fact)
        taken += 1
    return taken


async def _scan(database: Database, desk: Desk, fact: Fact) -> None:
    async with database.transaction() as session:
        connection = await driver(session)
        await scans.lock(connection, [fact.item_id])
        await scanning.record_within(connection, desk, [fact])


async def _lose(database: Database, offices: Directory, item: Scripted, step: Step) -> None:
    async with database.transaction() as session:
        barcode = barcode_of(item.item_id)
        reason = step.reason or step.event.wire
        await custody.declare_lost(session, offices, barcode, reason, caller=HAND, now=step.at)


def _office(offices: Directory, item: Scripted, step: Step) -> int | None:
    """The office of origin; at the destination one of the recipient's town, else that of origin."""
    if step.place == "destination":
        there = sorted(
            (DELIVERY_KINDS.index(office.kind), office.id)
            for office in offices.by_id.values()
            if office.active and office.town == item.to_town and office.kind in DELIVERY_KINDS
        )
        if there:
            return there[0][1]
    return item.origin_office or _any(sorted(offices.by_id))


def _any(offices: Sequence[int]) -> int | None:
    return offices[0] if offices else None


async def _count_short(database: Database, offices: Directory, now: datetime) -> int:
    """Close the drawers that hold such takings, a little short; a drawer once a day."""
    async with database.hot.acquire() as connection:
        rows = await repository.short(connection, ITEMS)
    closed = 0
    for office in sorted({row["office"] for row in rows}):
        code = offices.code_of(office)
        if code is not None:
            closed += await _close_short(database, offices, code, now)
    return closed


async def _close_short(database: Database, offices: Directory, code: str, now: datetime) -> int:
    day = tehran_date(now)
    try:
        async with database.transaction() as session:
            expected = (await drawers.drawer(session, offices, code, HAND)).expected_rials
            wanted = NewDrawerClose(
                day=day,
                counted_rials=max(expected - domain.SHORT_RIALS, 0),
                note="sandbox: counted short",
            )
            once = Once(HAND.id, "sandbox", f"{code} {day}", b"", now)
            await drawers.close(session, offices, code, wanted, caller=HAND, once=once)
    except DayClosed:
        return 0  # counted today already: tomorrow, then
    return 1
