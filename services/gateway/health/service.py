"""Whether the gateway and every sister can do their work: databases, relays, consumers."""

import asyncio
from typing import Final

from services.gateway import clients
from services.gateway.clients import SisterAway
from services.gateway.health.schemas import Part, Ready
from shared import readiness
from shared.auth import SERVICES
from shared.errors import Unavailable
from shared.readiness import Readiness
from shared.runtime import Runtime

SISTERS: Final = tuple(service for service in SERVICES if service != "gateway")


async def check(runtime: Runtime) -> Ready:
    """Unavailable names all that is wrong, of every service."""
    asked = [_own(runtime), *(_sister(runtime, sister) for sister in SISTERS)]
    found = await asyncio.gather(*asked)
    if wrong := [fault for fault in found if isinstance(fault, str)]:
        raise Unavailable("; ".join(wrong), headers={"Retry-After": "1"})
    parts = [_part(known) for known in found if isinstance(known, Readiness)]
    return Ready(status="ok", sisters=list(SISTERS), parts=parts)


async def _own(runtime: Runtime) -> Readiness | str:
    try:
        return await readiness.check(runtime)
    except Unavailable as error:
        return error.detail


async def _sister(runtime: Runtime, sister: str) -> Readiness | str:
    try:
        return await clients.readiness(runtime, sister)
    except SisterAway as error:
        return str(error)


def _part(known: Readiness) -> Part:
    readers = [reader for lag in known.worlds for reader in lag.readers]
    return Part(
        service=known.service,
        relay_lag_s=max((lag.relay_s for lag in known.worlds), default=0),
        consumer_lag_s=max((reader.late_s for reader in readers), default=0),
        consumer_silence_s=max((reader.silent_s for reader in readers), default=0),
    )
