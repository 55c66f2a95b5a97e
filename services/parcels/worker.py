"""The background jobs of parcels: relay, replicas of offices, roll-ups, promises, re-pricing."""

from typing import Final

from services.parcels.breaches.keeping import Keeper
from services.parcels.calendars.events import CALENDAR_EVENTS
from services.parcels.calendars.service import on_calendar_events
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.network.service import on_office_events
from services.parcels.quotes import service as quotes
from services.parcels.repricing import service as repricing
from services.parcels.statistics.service import on_scanned
from shared import work
from shared.auth import World
from shared.consumer import Consumer
from shared.runtime import Runtime

RECOMPUTATIONS_S: Final = 5
OLD_QUOTES_S: Final = 3600
SWEEPS_S: Final = 5
BREACHES_S: Final = 30
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
        "offices",
        Consumer("parcels.calendars", (*OFFICE_EVENTS, *CALENDAR_EVENTS), on_calendar_events),
    )
    keeper = Keeper()
    found.consume(
        "parcels",
        Consumer("parcels.promises", (STATUS_CHANGED, MOVED, CORRECTED), keeper.on_scanned),
    )

    async def recompute(world: World) -> None:
        await repricing.carry_out(runtime.databases[world], runtime.clock)

    async def forget_quotes(world: World) -> None:
        await quotes.forget_old(runtime.databases[world], runtime.clock)

    async def sweep(world: World) -> None:
        await keeper.sweep(runtime.databases[world], runtime.clock)

    async def find_breaches(world: World) -> None:
        await keeper.find_breaches(runtime.databases[world], runtime.clock)

    found.timer("promise_sweeps", SWEEPS_S, sweep)
    found.timer("promise_breaches", BREACHES_S, find_breaches)
    found.timer("recomputations", RECOMPUTATIONS_S, recompute)
    found.timer("old_quotes", OLD_QUOTES_S, forget_quotes)
    return found
