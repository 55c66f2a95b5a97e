"""The background jobs of parcels: relay, the offices' replica, the roll-ups, recomputations."""

from typing import Final

from services.parcels.commissions import jobs as commissions
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.invoices import service as invoices
from services.parcels.network.service import on_office_events
from services.parcels.quotes import service as quotes
from services.parcels.repricing import service as repricing
from services.parcels.statistics.service import on_scanned
from shared import work
from shared.auth import World
from shared.consumer import Consumer
from shared.runtime import Runtime

RECOMPUTATIONS_S: Final = 5
INVOICES_S: Final = 3600
OLD_QUOTES_S: Final = 3600
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
    commissions.add(found)

    async def recompute(world: World) -> None:
        await repricing.carry_out(runtime.databases[world], runtime.clock)

    async def forget_quotes(world: World) -> None:
        await quotes.forget_old(runtime.databases[world], runtime.clock)

    async def issue(world: World) -> None:
        await invoices.issue_due(runtime.databases[world], runtime.clock)

    found.timer("invoices", INVOICES_S, issue)
    found.timer("recomputations", RECOMPUTATIONS_S, recompute)
    found.timer("old_quotes", OLD_QUOTES_S, forget_quotes)
    return found
