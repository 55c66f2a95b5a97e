"""Counts flows that were asked for."""

from typing import Final

from services.parcels.flows import service
from shared.auth import World
from shared.work import Work

FLOWS_S: Final = 5


def add(found: Work) -> None:
    runtime = found.runtime

    async def count_flows(world: World) -> None:
        await service.carry_out(runtime.databases[world], runtime.clock)

    found.timer("flows", FLOWS_S, count_flows)
