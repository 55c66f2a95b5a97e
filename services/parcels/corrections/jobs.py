"""Matches early scans with what was booked since."""

from typing import Final

from services.parcels.corrections import timers
from shared.auth import World
from shared.work import Work

MATCHING_S: Final = 10


def add(found: Work) -> None:
    runtime = found.runtime

    async def match(world: World) -> None:
        await timers.match(runtime.databases[world], runtime.clock)

    found.timer("unmatched_scans", MATCHING_S, match)
