"""What scans and days have made of instructions."""

from typing import Final
from uuid import UUID

from services.parcels.redirects import domain, repository
from services.parcels.redirects.events import SETTLED
from services.parcels.redirects.service import out
from services.parcels.vocabulary import Status
from shared import outbox
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database

INSTRUCTIONS: Final = 500
"""Of a transaction."""


async def settle(database: Database, clock: Clock) -> None:
    """All open ones once, a bounded transaction at a time."""
    after: UUID | None = None
    while True:
        after, more = await _step(database, clock, after)
        if not more:
            return


async def _step(database: Database, clock: Clock, after: UUID | None) -> tuple[UUID | None, bool]:
    async with database.transaction() as session:
        now = await world_now(session, clock)
        today = tehran_date(now)
        found = await repository.opened(session, after=after, limit=INSTRUCTIONS)
        became = {
            row.id: (row.item_id, status)
            for row in found
            if (status := domain.settled(row.kind, Status(row.status), row.hold_until, today))
        }
        states = []
        items = {wanted: item_id for wanted, (item_id, _) in became.items()}
        for one in await repository.locked_open(session, items) if items else ():
            one.status, one.settled_at = became[one.id][1], now
            states.append(out(one))
        await session.flush()
        if states:
            data = {"items": [state.model_dump(mode="json") for state in states]}
            await outbox.append(session, SETTLED, data, time=now)
        return (found[-1].id if found else after), len(found) == INSTRUCTIONS
