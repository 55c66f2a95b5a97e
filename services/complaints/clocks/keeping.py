"""The worker's side of the clocks: what is due happens, once, whoever comes first.

A case is claimed in the transaction of the effect, so that a worker that dies half-way leaves
nothing behind and another does it.
"""

from datetime import datetime
from typing import Final

import structlog

from services.complaints.calendars import service as calendars
from services.complaints.clocks import domain, repository, sheets
from services.complaints.clocks.sheets import Moment
from shared.auth import World
from shared.clock import Clock, world_now
from shared.database import Database
from shared.errors import is_passing
from shared.tasks import pass_on_cancellation

log = structlog.get_logger(__name__)

FAILED_MAX: Final = 100
"""Cases that a tick passes over before it gives up: then it is not the cases."""


class Keeper:
    """Looks at the clock of each world; all that it keeps in memory is what it saw last."""

    def __init__(self) -> None:
        self._seen: dict[World, datetime] = {}

    async def tick(self, world: World, database: Database, clock: Clock) -> int:
        """Do what is due; how many cases that was."""
        async with database.transaction() as session:
            now = await world_now(session, clock)
        until = domain.believed(self._seen.get(world), now)
        self._seen[world] = now
        if until is None:
            return 0
        return await _all_due(database, Moment(until, now))


async def _all_due(database: Database, moment: Moment) -> int:
    """A case a transaction; one that fails is passed over until the next tick."""
    done, failed = 0, list[int]()
    while len(failed) < FAILED_MAX:
        claimed: int | None = None
        try:
            async with database.transaction() as session:
                changes, _ = await calendars.working_time(session)
                claimed = await repository.claim(session, moment.at, changes, failed)
                book = None if claimed is None else await repository.book(session, claimed)
                if book is None:
                    return done
                await sheets.let_pass(session, book, moment)
        except Exception as error:
            pass_on_cancellation()
            if claimed is None or is_passing(error):
                raise
            log.exception("clock_failed", case=claimed)
            failed.append(claimed)
        else:
            done += 1
    return done
