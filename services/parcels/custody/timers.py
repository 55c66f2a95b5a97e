"""What nobody has seen for too long is missing; what was missing and is seen again is not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.custody import repository
from services.parcels.custody.domain import Terms, missing_at
from services.parcels.discrepancies import service as discrepancies
from services.parcels.discrepancies.domain import Misfit
from services.parcels.network.service import OfficeBook, read_offices
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database, driver

ITEMS: Final = 500
"""Examined in a transaction."""
WINDOW: Final = timedelta(days=1)
"""Swept in a transaction."""
FIRST_WINDOWS: Final = timedelta(days=90)
"""How far back the first sweep of all begins."""


async def look(database: Database, clock: Clock) -> None:
    """All that is due now, a bounded transaction at a time."""
    while await _sweep(database, clock):
        pass
    while await _examine(database, clock):
        pass


async def _sweep(database: Database, clock: Clock) -> bool:
    """The next window of items that were not changed for a while; False where there is none.

    Rows are dated by the service's clock, whatever the world's: so is this search among them.
    """
    async with database.transaction() as session:
        connection = await driver(session)
        now = await world_now(session, clock)
        terms = await terms_of(session, now)
        last = clock.now() - terms.shortest_unseen
        since = await repository.swept_until(connection) or last - FIRST_WINDOWS
        until = min(since + WINDOW, last)
        if until > since:
            await repository.sweep(connection, since, until, now)
        await discrepancies.settle_timed(connection, await read_offices(connection), now)
        return until < last


async def _examine(database: Database, clock: Clock) -> bool:
    async with database.transaction() as session:
        connection = await driver(session)
        now = await world_now(session, clock)
        items = await repository.due(connection, now, ITEMS)
        if items:
            await _judge(connection, items, await terms_of(session, now), now)
        return len(items) == ITEMS


async def _judge(
    connection: asyncpg.Connection, items: Sequence[int], terms: Terms, now: datetime
) -> None:
    offices: OfficeBook = await read_offices(connection)
    provinces = frozenset(office.province for office in offices.by_id.values())
    found, later = [], {}
    for item_id, (seen, event_id) in (await repository.seen(connection, items)).items():
        at = missing_at(seen, terms, provinces)
        if at is not None and at <= now:
            found.append(Misfit(item_id, event_id, "missing"))
        elif at is not None:
            later[item_id] = at
    await discrepancies.note(connection, offices, found, now)
    await repository.watch_again(connection, items, later)


async def terms_of(session: AsyncSession, now: datetime) -> Terms:
    """The rules of a moment."""
    return Terms(await repository.terms(session), tehran_date(now))
