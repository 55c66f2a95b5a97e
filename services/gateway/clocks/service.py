"""Use case of the clocks: the same time in every service of a world."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway import clients
from services.gateway.clocks import domain
from shared import clock, outbox
from shared.application import ClockBody
from shared.auth import Caller
from shared.runtime import Runtime

SISTERS = ("offices", "parcels", "complaints")


async def set_everywhere(
    runtime: Runtime, session: AsyncSession, caller: Caller, body: ClockBody
) -> ClockBody:
    """Sisters first, then our own row; setting it again repairs what a failure left half done."""
    domain.check(body.mode, body.at, caller.world, runtime.clock.now())
    for sister in SISTERS:
        await clients.set_clock(runtime, caller.world, sister, body.model_dump(mode="json"))
    await clock.set_world(session, body.mode, body.at)
    data = {"world_clock": body.model_dump(mode="json"), "by": caller.id}
    now = runtime.clock.now()
    await outbox.append(session, domain.CLOCK_SET, data, time=now, subject=caller.world)
    return body
