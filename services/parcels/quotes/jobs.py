"""Forgets quotes that nobody can need."""

from typing import Final

from services.parcels.quotes import service
from shared.auth import World
from shared.work import Work

OLD_QUOTES_S: Final = 3600


def add(found: Work) -> None:
    runtime = found.runtime

    async def forget(world: World) -> None:
        await service.forget_old(runtime.databases[world], runtime.clock)

    found.timer("old_quotes", OLD_QUOTES_S, forget)
