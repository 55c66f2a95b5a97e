"""The background jobs of parcels: relay, offices' replica, roll-ups, recomputations, holding."""

from collections.abc import Sequence
from typing import Final, cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.config import Settings
from services.parcels.delivery.events import CODE_REISSUED
from services.parcels.dependencies import caches_of
from services.parcels.events import BOOKED, CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.holding import service as holding
from services.parcels.messages import service as messages
from services.parcels.messages.senders import FileSender, Sender, sender_of
from services.parcels.messages.service import Post
from services.parcels.network.service import on_office_events
from services.parcels.quotes import service as quotes
from services.parcels.repricing import service as repricing
from services.parcels.statistics.service import on_scanned
from shared import work
from shared.auth import World
from shared.consumer import Consumer, Event
from shared.runtime import Runtime

RECOMPUTATIONS_S: Final = 5
OLD_QUOTES_S: Final = 3600
HOLDINGS_S: Final = 60
MESSAGES_S: Final = 2
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

    def delivery_of(world: World) -> Consumer:
        async def follow(session: AsyncSession, events: Sequence[Event]) -> None:
            caches = caches_of(runtime, world)
            await holding.follow(session, caches, events, runtime.clock.now())

        return Consumer("parcels.delivery", (STATUS_CHANGED, CORRECTED), follow)

    async def end_holdings(world: World) -> None:
        caches = caches_of(runtime, world)
        await holding.end_due(runtime.databases[world], caches, runtime.clock)

    found.consume("parcels", delivery_of)
    _tell_recipients(found)
    found.timer("holdings", HOLDINGS_S, end_holdings)
    found.timer("recomputations", RECOMPUTATIONS_S, recompute)
    found.timer("old_quotes", OLD_QUOTES_S, forget_quotes)
    return found


def _tell_recipients(found: work.Work) -> None:
    """Where there is somebody to carry messages; the sandbox's go to nobody's phone."""
    runtime = found.runtime
    settings = cast("Settings", runtime.settings)
    sender = sender_of(settings.sms, settings.sms_token)
    if sender is None:
        return
    senders: dict[World, Sender] = {"live": sender, "test": FileSender(None)}
    heard = (BOOKED, STATUS_CHANGED, CODE_REISSUED)
    follow = messages.on_events(runtime.clock)
    found.consume("parcels", Consumer("parcels.messages", heard, follow))

    async def send(world: World) -> None:
        caches = caches_of(runtime, world)
        database = runtime.databases[world]
        await messages.send_due(
            Post(database, runtime.clock, world, senders[world], caches.directory)
        )

    found.timer("messages", MESSAGES_S, send)
