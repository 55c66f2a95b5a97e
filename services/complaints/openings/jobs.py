"""Opens claims of what is lost or late beyond the rule."""

from typing import Final

from services.complaints.openings import domain, service
from shared.auth import World
from shared.consumer import Consumer
from shared.work import Work

LOOK_S: Final = 30
PARCELS: Final = Consumer("complaints.openings", domain.TYPES, service.on_parcels)


def add(found: Work) -> None:
    runtime = found.runtime

    async def look(world: World) -> None:
        await service.look(runtime.databases[world], runtime.clock)

    found.consume("parcels", PARCELS)
    found.timer("late_parcels", LOOK_S, look)
