"""The background jobs of offices: relay, consumers, timers."""

from typing import Final

from services.offices.applications import timers as licensing
from services.offices.catalogue import service as catalogue
from services.offices.contracts import timers as papers
from services.offices.history import service as history
from services.offices.training import service as training
from shared import work
from shared.auth import World
from shared.runtime import Runtime

PAPERS_S: Final = 10
LICENSING_S: Final = 5
PLANS_S: Final = 15
RULES_S: Final = 300
WARN_S: Final = 600
"""Between looks for certificates that expire; each step is told once, however often."""


def jobs(runtime: Runtime) -> work.Work:
    found = work.plumbing(runtime)

    async def carry_out_plans(world: World) -> None:
        await history.carry_out_due(runtime.databases[world], runtime.clock)

    async def watch_rules(world: World) -> None:
        await catalogue.watch_rules(runtime.databases[world], runtime.clock)

    async def let_licences_live(world: World) -> None:
        await licensing.tick(runtime.databases[world], runtime.clock)

    async def look_at_papers(world: World) -> None:
        await papers.run(runtime.databases[world], runtime.clock)

    async def warn_of_certificates(world: World) -> None:
        await training.warn(runtime.databases[world], runtime.clock)

    found.timer("certificates", WARN_S, warn_of_certificates)
    found.timer("papers", PAPERS_S, look_at_papers)
    found.timer("licensing", LICENSING_S, let_licences_live)
    found.timer("office_plans", PLANS_S, carry_out_plans)
    found.timer("service_rules", RULES_S, watch_rules)
    return found
