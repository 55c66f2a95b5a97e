"""Looks for items that were not seen for too long."""

from typing import Final

from services.parcels.custody import timers
from shared.auth import World
from shared.work import Work

UNSEEN_S: Final = 60


def add(found: Work) -> None:
    runtime = found.runtime

    async def look(world: World) -> None:
        await timers.look(runtime.databases[world], runtime.clock)

    found.timer("unseen_items", UNSEEN_S, look)
