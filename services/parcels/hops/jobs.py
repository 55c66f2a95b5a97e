"""Keeps next hops as lines change."""

from typing import Final

from services.parcels.hops import service
from shared.auth import World
from shared.work import Work

NEXT_HOPS_S: Final = 20


def add(found: Work) -> None:
    runtime = found.runtime

    async def next_hops(world: World) -> None:
        await service.recompute(runtime.databases[world], runtime.clock)

    found.timer("next_hops", NEXT_HOPS_S, next_hops)
