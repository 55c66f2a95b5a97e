"""Ticks of the clocks."""

from typing import Final

from services.complaints.clocks.keeping import Keeper
from shared.auth import World
from shared.work import Work

TICK_S: Final = 5


def add(found: Work) -> None:
    runtime, keeper = found.runtime, Keeper()

    async def tick(world: World) -> None:
        await keeper.tick(world, runtime.databases[world], runtime.clock)

    found.timer("clocks", TICK_S, tick)
