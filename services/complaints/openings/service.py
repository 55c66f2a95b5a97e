"""Claims that open themselves: a parcel declared lost, or late beyond the rule. Nobody has to ask.

A parcel that is found again reopens what was claimed for its loss: what is not paid waits for a
new decision, what no bank has fetched is taken back, what is paid is shown as reopened.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.claims import life
from services.complaints.claims import repository as claim_rows
from services.complaints.claims.domain import OPEN, UNPAID
from services.complaints.claims.events import FOUND
from services.complaints.claims.models import Claim
from services.complaints.openings import domain, repository
from services.complaints.openings.domain import Moved, Told
from services.complaints.payouts import service as payouts
from services.complaints.rules import service as versions
from services.complaints.rules.domain import HOUR, Cause
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database

ITSELF: Final = "itself"
DUE_MAX: Final = 200


async def on_parcels(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of what befalls parcels."""
    page = domain.told(events)
    now = datetime.fromisoformat(events[-1]["time"])
    await _watch(session, page, now)
    for barcode, moved in sorted((page.lost | page.found).items()):
        await claim_rows.lock_item(session, barcode, now)
        if moved.status == domain.LOST:
            await _open(session, barcode, "loss", (moved.occurred_at, now), backfill=moved.backfill)
        else:
            await _reopen(session, moved, now)


async def _watch(session: AsyncSession, page: Told, now: datetime) -> None:
    terms = (await versions.in_force(session, tehran_date(now)))[1] if page.broken else None
    late = {}
    for barcode, broken in page.broken.items():
        steps = terms.late.get(broken.product, ()) if terms is not None else ()
        if steps and broken.status != domain.LOST:
            first = broken.promised_at + steps[0].hours * HOUR
            last = broken.promised_at + steps[-1].hours * HOUR
            # one that has ended by now is looked at as soon as it may be late enough
            late[barcode] = (first, first if broken.status in domain.ENDED else last)
    await repository.watch(session, late, now)
    at = {barcode: moved.occurred_at for barcode, moved in page.ended.items()}
    await repository.ended(session, at, now)
    await repository.forget(session, page.kept | page.lost.keys())


async def _open(
    session: AsyncSession,
    barcode: str,
    cause: Cause,
    when: tuple[datetime, datetime],
    *,
    backfill: bool,
) -> None:
    """Once for a parcel and cause; the worker asks parcels for the facts."""
    standing = await claim_rows.standing(session, barcode, cause)
    if standing is not None:
        if standing.status == "reopened":  # lost a second time
            standing.lookup_at = when[1]
            await life.step(session, standing, "assessing", by=ITSELF, at=when[1], note="lost")
        return
    claim = Claim(
        id=await claim_rows.new_id(session),
        barcode=barcode,
        cause=cause,
        origin="itself",
        contents="goods",
        opened_by=ITSELF,
        backfill=backfill,
    )
    await life.start(session, claim, None, when)


async def _reopen(session: AsyncSession, moved: Moved, now: datetime) -> None:
    for claim in await claim_rows.of_item(session, moved.barcode, "loss"):
        claim.reopened_at = moved.occurred_at
        if claim.status in OPEN | UNPAID and claim.status != "reopened":
            claim.reason, claim.lookup_at = "found", None
            await life.step(session, claim, "reopened", by=ITSELF, at=now, note="found")
            continue
        # paid, or with a bank: its state stays what the bank makes it
        await life.note(session, claim, "found", by=ITSELF, at=now, event=FOUND)
        await payouts.take_back(session, claim, "the parcel was found", now)


async def look(database: Database, clock: Clock) -> int:
    """Timer: claims of what is late beyond the rule; how many were looked at."""
    async with database.transaction() as session:
        now = await world_now(session, clock)
        due = await repository.due(session, now, DUE_MAX)
        for barcode in sorted(due):
            await _open(session, barcode, "delay", (now, clock.now()), backfill=now < clock.now())
        await repository.forget(session, due)
        return len(due)
