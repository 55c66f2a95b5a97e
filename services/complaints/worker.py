"""The background jobs of complaints: relay, consumers, timers."""

from typing import Final

from services.complaints.clients import Sisters
from services.complaints.satisfaction import service as satisfaction
from services.complaints.subjects import service as subjects
from services.complaints.surveys import inviting
from shared import work
from shared.auth import World
from shared.runtime import Runtime

LOOKUP_S: Final = 5


def jobs(runtime: Runtime) -> work.Work:
    made = work.plumbing(runtime)
    made.consume("parcels", subjects.PARCELS)
    made.consume("parcels", inviting.deliveries_consumer(runtime.clock))
    made.consume("offices", satisfaction.OFFICES)

    async def catch_up(world: World) -> None:
        sisters = Sisters(runtime.sister("parcels", world), runtime.sister("offices", world))
        # wall time: a retry is no business of the world's clock, which may stand in the past
        await subjects.catch_up(runtime.databases[world], sisters, runtime.clock.now())

    made.timer("lookup", LOOKUP_S, catch_up)
    return made
