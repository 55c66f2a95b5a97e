"""Has parcels deduct what offices bear, when the time for an appeal is over."""

from typing import Final

from services.complaints.chargebacks import sending
from services.complaints.clients import Payments
from shared.auth import World
from shared.work import Work

SEND_S: Final = 60


def add(found: Work) -> None:
    runtime = found.runtime

    async def send(world: World) -> None:
        payments = Payments.of(runtime, world)
        await sending.send(runtime.databases[world], payments, runtime.clock)

    found.timer("charge_backs", SEND_S, send)
