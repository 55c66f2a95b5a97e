"""Keeps promises up to date with what happens, and finds those that are broken or in danger."""

from typing import Final

from services.parcels.breaches.keeping import Keeper
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from shared.auth import World
from shared.consumer import Consumer
from shared.work import Work

SWEEPS_S: Final = 5
BREACHES_S: Final = 30


def add(found: Work) -> None:
    runtime, keeper = found.runtime, Keeper()
    moved = (STATUS_CHANGED, MOVED, CORRECTED)
    found.consume("parcels", Consumer("parcels.promises", moved, keeper.on_scanned))

    async def sweep(world: World) -> None:
        await keeper.sweep(runtime.databases[world], runtime.clock)

    async def find_breaches(world: World) -> None:
        await keeper.find_breaches(runtime.databases[world], runtime.clock)

    found.timer("promise_sweeps", SWEEPS_S, sweep)
    found.timer("promise_breaches", BREACHES_S, find_breaches)
