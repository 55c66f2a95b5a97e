"""The background jobs of offices: relay, consumers, timers."""

from typing import Final

from services.offices.applications import timers
from shared import work
from shared.auth import World
from shared.runtime import Runtime

LICENSING_S: Final = 5


def jobs(runtime: Runtime) -> work.Work:
    made = work.plumbing(runtime)

    async def settle(world: World) -> None:
        await timers.tick(runtime.databases[world], runtime.clock.now())

    made.timer("licensing", LICENSING_S, settle)
    return made
