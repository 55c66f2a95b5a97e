"""The background jobs of offices: relay, consumers, timers."""

from typing import Final

from services.offices.applications import timers
from services.offices.training import service as training
from shared import work
from shared.auth import World
from shared.runtime import Runtime

LICENSING_S: Final = 5
WARN_S: Final = 600
"""Between looks for certificates that expire; each step is told once, however often."""


def jobs(runtime: Runtime) -> work.Work:
    made = work.plumbing(runtime)

    async def settle(world: World) -> None:
        await timers.tick(runtime.databases[world], runtime.clock.now())

    made.timer("licensing", LICENSING_S, settle)

    async def warn(world: World) -> None:
        await training.warn(runtime.databases[world], runtime.clock)

    made.timer("certificates", WARN_S, warn)
    return made
