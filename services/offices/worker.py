"""The background jobs of offices: relay, consumers, timers."""

from typing import Final

from services.offices.applications import timers
from services.offices.contracts import timers as papers
from shared import work
from shared.auth import World
from shared.runtime import Runtime

PAPERS_S: Final = 10
LICENSING_S: Final = 5


def jobs(runtime: Runtime) -> work.Work:
    made = work.plumbing(runtime)

    async def look_at_papers(world: World) -> None:
        await papers.run(runtime.databases[world], runtime.clock.now())

    async def settle(world: World) -> None:
        await timers.tick(runtime.databases[world], runtime.clock.now())

    made.timer("licensing", LICENSING_S, settle)
    made.timer("papers", PAPERS_S, look_at_papers)
    return made
