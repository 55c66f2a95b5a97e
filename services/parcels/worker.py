"""The background jobs of parcels: relay, the offices' replica, the roll-ups, recomputations."""

from typing import Final

from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.flows import service as flows
from services.parcels.hops import service as hops
from services.parcels.network.service import on_office_events
from services.parcels.quotes import service as quotes
from services.parcels.repricing import service as repricing
from services.parcels.statistics.service import on_scanned
from services.parcels.trips import timers as trips
from shared import work
from shared.auth import World
from shared.consumer import Consumer
from shared.runtime import Runtime

RECOMPUTATIONS_S: Final = 5
OLD_QUOTES_S: Final = 3600
TRIPS_PLANNED_S: Final = 60
TRIPS_LATE_S: Final = 15
NEXT_HOPS_S: Final = 20
FLOWS_S: Final = 5
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

    async def recompute(world: World) -> None:
        await repricing.carry_out(runtime.databases[world], runtime.clock)

    async def forget_quotes(world: World) -> None:
        await quotes.forget_old(runtime.databases[world], runtime.clock)

    async def plan_trips(world: World) -> None:
        await trips.plan_ahead(runtime.databases[world], runtime.clock)

    async def late_trips(world: World) -> None:
        await trips.tell_late(runtime.databases[world], runtime.clock)

    async def next_hops(world: World) -> None:
        await hops.recompute(runtime.databases[world], runtime.clock)

    async def count_flows(world: World) -> None:
        await flows.carry_out(runtime.databases[world], runtime.clock)

    found.timer("next_hops", NEXT_HOPS_S, next_hops)
    found.timer("flows", FLOWS_S, count_flows)
    found.timer("trips_planned", TRIPS_PLANNED_S, plan_trips)
    found.timer("trips_late", TRIPS_LATE_S, late_trips)
    found.timer("recomputations", RECOMPUTATIONS_S, recompute)
    found.timer("old_quotes", OLD_QUOTES_S, forget_quotes)
    return found
