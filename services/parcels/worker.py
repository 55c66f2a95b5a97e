"""The background jobs of parcels: relay, the offices' replica, roll-ups, recomputations, cash."""

from typing import Final

from services.parcels.cod import service as cod
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.network.service import on_office_events
from services.parcels.payments import service as payments
from services.parcels.payments.events import PAID, REFUSED, RETURNED, VOIDED
from services.parcels.quotes import service as quotes
from services.parcels.repricing import service as repricing
from services.parcels.settlements import service as settlements
from services.parcels.statistics.service import on_scanned
from shared import work
from shared.auth import World
from shared.consumer import Consumer
from shared.runtime import Runtime

RECOMPUTATIONS_S: Final = 5
OLD_QUOTES_S: Final = 3600
UNANSWERED_ORDERS_S: Final = 300
OFFICE_EVENTS = (
    "office.created",
    "office.changed",
    "office.suspended",
    "office.reopened",
    "office.closed",
    "office.converted",
    "office.relocated",
    "office.transferred",
)


def jobs(runtime: Runtime) -> work.Work:
    found = work.plumbing(runtime)
    found.consume("offices", Consumer("parcels.network", OFFICE_EVENTS, on_office_events))
    found.consume(
        "parcels",
        Consumer("parcels.statistics", (STATUS_CHANGED, MOVED, CORRECTED), on_scanned),
    )
    found.consume(
        "parcels", Consumer("parcels.cod", (STATUS_CHANGED, MOVED, CORRECTED), cod.on_moved)
    )
    found.consume(
        "parcels",
        Consumer("parcels.settlements", (PAID, REFUSED, VOIDED, RETURNED), settlements.on_orders),
    )

    async def recompute(world: World) -> None:
        await repricing.carry_out(runtime.databases[world], runtime.clock)

    async def forget_quotes(world: World) -> None:
        await quotes.forget_old(runtime.databases[world], runtime.clock)

    async def mark_unanswered(world: World) -> None:
        await payments.mark_unanswered(runtime.databases[world], runtime.clock)

    found.timer("recomputations", RECOMPUTATIONS_S, recompute)
    found.timer("old_quotes", OLD_QUOTES_S, forget_quotes)
    found.timer("unanswered_orders", UNANSWERED_ORDERS_S, mark_unanswered)
    return found
