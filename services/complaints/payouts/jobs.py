"""Has parcels order payouts, and follows what became of the orders."""

from typing import Final

from services.complaints.clients import Payments
from services.complaints.payouts import sending, service
from shared.auth import World
from shared.consumer import Consumer
from shared.work import Work

SEND_S: Final = 3
STATES: Final = tuple(
    f"payment_order.{state}"
    for state in ("fetched", "unknown", "paid", "refused", "voided", "expired", "returned")
)
ORDERS: Final = Consumer("complaints.payouts", STATES, service.follow)


def add(found: Work) -> None:
    runtime = found.runtime

    async def send(world: World) -> None:
        payments = Payments.of(runtime, world)
        await sending.send(runtime.databases[world], payments, runtime.clock)

    found.consume("parcels", ORDERS)
    found.timer("payouts", SEND_S, send)
