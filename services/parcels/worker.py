"""The background jobs of parcels: relay, the offices' replica, the roll-ups, recomputations."""

from typing import Final

from services.parcels.corrections import timers as matching
from services.parcels.custody import timers as unseen
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.network.service import on_office_events
from services.parcels.quotes import service as quotes
from services.parcels.redirects import timers as instructions
from services.parcels.repricing import service as repricing
from services.parcels.statistics.service import on_scanned
from shared import work
from shared.auth import World
from shared.consumer import Consumer
from shared.runtime import Runtime

RECOMPUTATIONS_S: Final = 5
OLD_QUOTES_S: Final = 3600
MATCHING_S: Final = 10
UNSEEN_S: Final = 60
INSTRUCTIONS_S: Final = 30
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

    async def match(world: World) -> None:
        await matching.match(runtime.databases[world], runtime.clock)

    found.timer("unmatched_scans", MATCHING_S, match)

    async def look_for_unseen(world: World) -> None:
        await unseen.look(runtime.databases[world], runtime.clock)

    found.timer("unseen_items", UNSEEN_S, look_for_unseen)

    async def settle_instructions(world: World) -> None:
        await instructions.settle(runtime.databases[world], runtime.clock)

    found.timer("instructions", INSTRUCTIONS_S, settle_instructions)
    found.timer("recomputations", RECOMPUTATIONS_S, recompute)
    found.timer("old_quotes", OLD_QUOTES_S, forget_quotes)
    return found
