"""What the clock does to licences and inquiries: a transaction each, as often as it is asked."""

from datetime import datetime
from typing import Final

from services.offices.applications import inquiries
from services.offices.licensing import repository
from services.offices.licensing import service as licensing
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database

BATCH: Final = 100


async def tick(database: Database, clock: Clock) -> None:
    """Apply the decisions that are due, end what has run out, tell of inquiries that are late."""
    async with database.transaction() as session:
        now = await world_now(session, clock)
    await settle_licences(database, now)
    await tell_overdue(database, now)


async def settle_licences(database: Database, now: datetime) -> int:
    """Each licence in its own transaction, under its row's lock; how many were looked at."""
    looked_at = 0
    while True:
        async with database.transaction() as session:
            found = await repository.to_settle(session, now, tehran_date(now), limit=BATCH)
        for licence_id in found:
            async with database.transaction() as session:
                await licensing.lock(session, licence_id, now)
        looked_at += len(found)
        if len(found) < BATCH:
            return looked_at


async def tell_overdue(database: Database, now: datetime) -> int:
    told = 0
    while True:
        async with database.transaction() as session:
            count = await inquiries.tell_overdue(session, now, limit=BATCH)
        told += count
        if count < BATCH:
            return told
