"""Carries out what recomputations were asked for."""

from typing import Final

from services.parcels.repricing import service
from shared.auth import World
from shared.work import Work

RECOMPUTATIONS_S: Final = 5


def add(found: Work) -> None:
    runtime = found.runtime

    async def recompute(world: World) -> None:
        await service.carry_out(runtime.databases[world], runtime.clock)

    found.timer("recomputations", RECOMPUTATIONS_S, recompute)
