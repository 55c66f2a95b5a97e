"""Follows what comes to wait at a counter, and ends the wait in time."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.dependencies import caches_of
from services.parcels.events import CORRECTED, STATUS_CHANGED
from services.parcels.holding import service
from shared.auth import World
from shared.consumer import Consumer, Event
from shared.work import Work

HOLDINGS_S: Final = 60


def add(found: Work) -> None:
    runtime = found.runtime

    def delivery_of(world: World) -> Consumer:
        async def follow(session: AsyncSession, events: Sequence[Event]) -> None:
            caches = caches_of(runtime, world)
            await service.follow(session, caches, events, runtime.clock.now())

        return Consumer("parcels.delivery", (STATUS_CHANGED, CORRECTED), follow)

    async def end_holdings(world: World) -> None:
        caches = caches_of(runtime, world)
        await service.end_due(runtime.databases[world], caches, runtime.clock)

    found.consume("parcels", delivery_of)
    found.timer("holdings", HOLDINGS_S, end_holdings)
