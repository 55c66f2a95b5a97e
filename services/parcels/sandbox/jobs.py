"""Lives the test world's scripted parcels."""

from typing import Final

from services.parcels.dependencies import caches_of
from services.parcels.sandbox import service
from shared.auth import World
from shared.work import Work

STEP_S: Final = 5


def add(found: Work) -> None:
    runtime = found.runtime

    async def live(world: World) -> None:
        if world == "test":  # a reference means nothing to live parcels
            await service.live(runtime.databases[world], caches_of(runtime, world), runtime.clock)

    found.timer("sandbox", STEP_S, live)
