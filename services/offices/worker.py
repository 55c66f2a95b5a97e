"""The background jobs of offices: relay, consumers, timers."""

from typing import Final

from services.offices.applications import timers
from services.offices.catalogue import service as catalogue
from shared import work
from shared.auth import World
from shared.clock import Clock, world_now
from shared.database import Database
from shared.runtime import Runtime

LICENSING_S: Final = 5
RULES_S: Final = 300


def jobs(runtime: Runtime) -> work.Work:
    made = work.plumbing(runtime)

    async def settle(world: World) -> None:
        await timers.tick(runtime.databases[world], runtime.clock.now())

    async def watch_rules(world: World) -> None:
        await tell_breaches(runtime.databases[world], runtime.clock)

    made.timer("licensing", LICENSING_S, settle)
    made.timer("service_rules", RULES_S, watch_rules)
    return made


async def tell_breaches(database: Database, clock: Clock) -> None:
    """Tell of offices that fell below a rule since, or came back, by the world's clock."""
    more = True
    while more:
        async with database.transaction() as session:
            more = await catalogue.tell_breaches(session, await world_now(session, clock))
