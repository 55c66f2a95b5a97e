"""Plans trips ahead and tells of late ones."""

from typing import Final

from services.parcels.trips import timers
from shared.auth import World
from shared.work import Work

TRIPS_PLANNED_S: Final = 60
TRIPS_LATE_S: Final = 15


def add(found: Work) -> None:
    runtime = found.runtime

    async def plan_trips(world: World) -> None:
        await timers.plan_ahead(runtime.databases[world], runtime.clock)

    async def late_trips(world: World) -> None:
        await timers.tell_late(runtime.databases[world], runtime.clock)

    found.timer("trips_planned", TRIPS_PLANNED_S, plan_trips)
    found.timer("trips_late", TRIPS_LATE_S, late_trips)
