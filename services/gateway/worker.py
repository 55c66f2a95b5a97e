"""The background jobs of gateway: relay, consumers, timers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.config import settings_of
from services.gateway.events import OF_COMPLAINTS, TOLD
from services.gateway.webhooks import repository, service
from services.gateway.webhooks.deliverer import Deliverer
from services.gateway.webhooks.sender import Sender
from shared import work
from shared.auth import World
from shared.clock import Clock
from shared.consumer import Consumer, Event, Handler
from shared.database import Database
from shared.runtime import Runtime

LOG_KEPT: Final = timedelta(days=30)
SWEEP_S: Final = 60
SWEEP_ROWS: Final = 2_000
SWEEP_BATCHES: Final = 20


def jobs(runtime: Runtime) -> work.Work:
    found = work.plumbing(runtime)
    found.consume("parcels", webhook_consumer(runtime.clock))
    found.consume("complaints", complaints_consumer(runtime.clock))
    allow_private = settings_of(runtime).webhook_allow_private
    for world in found.every_world():
        sender = Sender(runtime.clock, allow_private=allow_private)
        deliverer = Deliverer(runtime.databases[world], sender, runtime.clock)
        found.add(f"webhooks/{world}", deliverer.run)

    async def sweep(world: World) -> None:
        await sweep_webhooks(runtime.databases[world], runtime.clock)

    found.timer("webhook_sweep", SWEEP_S, sweep)
    return found


def webhook_consumer(clock: Clock) -> Consumer:
    """Turns parcels' events into deliveries, in the transaction that moves the cursor."""
    types = tuple(name for name in TOLD if name not in OF_COMPLAINTS)
    return Consumer("gateway.webhooks", types, _follow(clock))


def complaints_consumer(clock: Clock) -> Consumer:
    """The same of complaints' events."""
    return Consumer("gateway.complaints", OF_COMPLAINTS, _follow(clock))


def _follow(clock: Clock) -> Handler:
    async def handle(session: AsyncSession, events: Sequence[Event]) -> None:
        await service.follow(session, events, clock.now())

    return handle


async def sweep_webhooks(database: Database, clock: Clock) -> None:
    """Drop what disabled endpoints were to get, and what the log has kept long enough."""
    now = clock.now()
    for _ in range(SWEEP_BATCHES):
        async with database.transaction() as session:
            abandoned = await repository.abandon(session, now, limit=SWEEP_ROWS)
            forgotten = await repository.prune(session, now - LOG_KEPT, limit=SWEEP_ROWS)
        if max(abandoned, forgotten) < SWEEP_ROWS:
            return
