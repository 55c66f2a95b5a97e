"""The background jobs of offices: relay, consumers, timers."""

from typing import Final

from services.offices.training import service as training
from shared import work
from shared.auth import World
from shared.runtime import Runtime

WARN_S: Final = 600
"""Between looks for certificates that expire; each step is told once, however often."""


def jobs(runtime: Runtime) -> work.Work:
    found = work.plumbing(runtime)

    async def warn(world: World) -> None:
        await training.warn(runtime.databases[world], runtime.clock)

    found.timer("certificates", WARN_S, warn)
    return found
