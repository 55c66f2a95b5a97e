"""Use cases of usage: count in memory, write down once a minute, tell, forget."""

import asyncio
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

import asyncpg
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.usage import repository
from services.gateway.usage.domain import ACCOUNTS, Tally
from services.gateway.usage.schemas import Usage, UsageRow
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.clock import Clock
from shared.database import Database
from shared.errors import Invalid
from shared.tasks import pass_on_cancellation

log = structlog.get_logger(__name__)

FLUSH_S: Final = 60.0
LAST_FLUSH_S: Final = 2.0
"""Who stops waits no longer for a database that may be away."""
DAYS_MAX: Final = 92
DAYS_USUAL: Final = 30
KEPT: Final = timedelta(days=400)
FORGET_ROWS: Final = 2_000


def count(tally: Tally, caller: Caller, kind: str, status: int) -> None:
    """Of partners' accounts alone; people and staff have no agreed quota to compare with."""
    if caller.kind in ACCOUNTS and caller.session is None:
        tally.count((caller.id, caller.world, kind), status)


async def flush(tally: Tally, database: Database, clock: Clock) -> None:
    """Add what was counted to the table; while that cannot be done it is kept."""
    taken = tally.take()
    if not taken:
        return
    try:
        await repository.add(database, tehran_date(clock.now()), taken)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        tally.put_back(taken)
        log.warning("usage_not_written", error=repr(error)[:300])
        pass_on_cancellation()
    except asyncio.CancelledError:
        tally.put_back(taken)
        raise


async def keep_flushing(tally: Tally, database: Database, clock: Clock) -> None:
    """Until cancelled; then once more, so that a process stopped in order loses next to nothing."""
    try:
        while True:
            await asyncio.sleep(FLUSH_S)
            await flush(tally, database, clock)
    finally:
        with suppress(TimeoutError):  # what ended this is the cancellation
            async with asyncio.timeout(LAST_FLUSH_S):
                await flush(tally, database, clock)


async def own(
    session: AsyncSession, caller: Caller, first: date | None, last: date | None, now: datetime
) -> Usage:
    until = last or tehran_date(now)
    since = first or until - timedelta(days=DAYS_USUAL - 1)
    if not timedelta(0) <= until - since < timedelta(days=DAYS_MAX):
        raise Invalid.field("query.from", f"not after `until`, and {DAYS_MAX} days at most")
    rows = await repository.of_account(session, caller.account, caller.world, (since, until))
    return Usage(first=since, last=until, rows=[UsageRow.model_validate(row) for row in rows])


async def forget(session: AsyncSession, now: datetime) -> int:
    """How many rows were over; FORGET_ROWS at most at a time."""
    return await repository.forget(session, tehran_date(now) - KEPT, FORGET_ROWS)
