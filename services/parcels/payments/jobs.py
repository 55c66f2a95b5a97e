"""Marks orders that a bank leaves unanswered, ends those that none fetched in their time."""

from typing import Final

from services.parcels.payments import service
from shared.auth import World
from shared.work import Work

UNANSWERED_ORDERS_S: Final = 300
EXPIRING_ORDERS_S: Final = 60


def add(found: Work) -> None:
    runtime = found.runtime

    async def mark_unanswered(world: World) -> None:
        await service.mark_unanswered(runtime.databases[world], runtime.clock)

    async def expire_unfetched(world: World) -> None:
        await service.expire_unfetched(runtime.databases[world], runtime.clock)

    found.timer("unanswered_orders", UNANSWERED_ORDERS_S, mark_unanswered)
    found.timer("expiring_orders", EXPIRING_ORDERS_S, expire_unfetched)
