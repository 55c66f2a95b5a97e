"""Keeps the roll-ups, and counts anew what was asked for."""

from typing import Final

from services.parcels.statistics import service
from services.parcels.statistics.recount import recount
from shared.auth import World
from shared.consumer import Consumer
from shared.work import Work

RECOUNTS_S: Final = 10


def add(found: Work) -> None:
    databases = found.runtime.databases
    found.consume("parcels", Consumer(service.CONSUMER, service.TYPES, service.on_scanned))

    async def count_again(world: World) -> None:
        await recount(databases[world])

    found.timer("recounts", RECOUNTS_S, count_again)
