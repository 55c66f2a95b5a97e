"""Lives the test world's scripted parcels."""

from typing import Final

from services.parcels.dependencies import caches_of
from services.parcels.sandbox import service
from shared.auth import World
from shared.runtime import Runtime
from shared.work import Work

STEP_S: Final = 5


async def tick(runtime: Runtime, world: World) -> None:
    """Nothing in the live world: there a reference is but a reference."""
    if world == "test":
        await service.live(runtime.databases[world], caches_of(runtime, world), runtime.clock)


def add(found: Work) -> None:
    async def live(world: World) -> None:
        await tick(found.runtime, world)

    found.timer("sandbox", STEP_S, live)
