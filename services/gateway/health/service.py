"""Whether the own database and every sister answer in time."""

import asyncio
from typing import Final

from services.gateway import clients
from services.gateway.health.schemas import Ready
from shared.application import check_database
from shared.auth import SERVICES
from shared.errors import Unavailable
from shared.runtime import Runtime

DATABASE_TIMEOUT_S: Final = 3.0
SISTERS: Final = tuple(service for service in SERVICES if service != "gateway")


async def check(runtime: Runtime) -> Ready:
    database, *alive = await asyncio.gather(
        _database(runtime), *(clients.alive(runtime, sister) for sister in SISTERS)
    )
    away = [name for name, up in zip(SISTERS, alive, strict=True) if not up]
    if not database:
        away.append("the gateway's database")
    if away:
        raise Unavailable("no answer from " + ", ".join(away), headers={"Retry-After": "1"})
    return Ready(status="ok", sisters=list(SISTERS))


async def _database(runtime: Runtime) -> bool:
    try:
        async with asyncio.timeout(DATABASE_TIMEOUT_S):
            await check_database(runtime)
    except (Unavailable, TimeoutError):
        return False
    return True
