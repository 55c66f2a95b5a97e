"""Settles instructions that were followed or came too late."""

from typing import Final

from services.parcels.redirects import timers
from shared.auth import World
from shared.work import Work

INSTRUCTIONS_S: Final = 30


def add(found: Work) -> None:
    runtime = found.runtime

    async def settle(world: World) -> None:
        await timers.settle(runtime.databases[world], runtime.clock)

    found.timer("instructions", INSTRUCTIONS_S, settle)
