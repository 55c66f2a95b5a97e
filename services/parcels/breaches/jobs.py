"""Keeps promises up to date with what happens, and finds those that are broken or in danger."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import asyncpg

from services.parcels.breaches.foresight import Foresight
from services.parcels.breaches.keeping import Keeper
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.redirects.events import REDIRECTED
from services.parcels.routing.service import etas
from services.parcels.routing.timetable import Timetable
from shared.auth import World
from shared.clock import Clock, world_now
from shared.consumer import Consumer
from shared.database import Database
from shared.work import Work

SWEEPS_S: Final = 5
BREACHES_S: Final = 30
RISKS_S: Final = 60


def add(found: Work) -> None:
    runtime, keeper = found.runtime, Keeper()
    moved = (STATUS_CHANGED, MOVED, CORRECTED, REDIRECTED)
    foresight, timetables = Foresight(), dict[World, Timetable]()
    found.consume("parcels", Consumer("parcels.promises", moved, keeper.on_scanned))

    async def sweep(world: World) -> None:
        await keeper.sweep(runtime.databases[world], runtime.clock)

    async def find_breaches(world: World) -> None:
        await keeper.find_breaches(runtime.databases[world], runtime.clock)

    async def find_risks(world: World) -> None:
        database = runtime.databases[world]
        timetable = timetables.setdefault(world, Timetable(database))
        await look_ahead(foresight, timetable, database, runtime.clock)

    found.timer("promise_sweeps", SWEEPS_S, sweep)
    found.timer("promise_breaches", BREACHES_S, find_breaches)
    found.timer("promise_risks", RISKS_S, find_risks)


async def look_ahead(
    foresight: Foresight, timetable: Timetable, database: Database, clock: Clock
) -> None:
    """Tell of promises that the timetable, as vehicles run now, can no longer keep."""
    async with database.transaction() as session:
        now = await world_now(session, clock)
    # before a step, for it reads by a connection of its own
    await timetable.fresh(now)

    async def forecast(
        connection: asyncpg.Connection, items: Collection[int], now: datetime
    ) -> dict[int, datetime]:
        found = await etas(connection, timetable, items, now)
        return {item: eta.delivered_by for item, eta in found.items() if eta.delivered_by}

    await foresight.look_ahead(database, clock, forecast)
