"""The background jobs of gateway: relay, consumers, timers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.audit import jobs as audit
from services.gateway.citizens import service as citizens
from services.gateway.config import settings_of
from services.gateway.events import OF_COMPLAINTS, TOLD
from services.gateway.feed import repository as feed
from services.gateway.oauth import service as oauth
from services.gateway.sessions import service as sessions
from services.gateway.shebas import delivering
from services.gateway.throttles import service as throttles
from services.gateway.usage import service as usage
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
SHEBAS_S: Final = 30
PEOPLE_SWEEP_S: Final = 300
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

    async def shebas(world: World) -> None:
        await delivering.carry_out(runtime, world)

    async def assertions(world: World) -> None:
        if world == "live":
            await forget_assertions(runtime.databases[world], runtime.clock)

    found.timer("webhook_sweep", SWEEP_S, sweep)
    found.timer("sheba_changes", SHEBAS_S, shebas)
    found.timer("assertions", SWEEP_S, assertions)
    audit.add(found)

    async def forget(world: World) -> None:
        if world == "live":  # where accounts are
            await sweep_people(runtime.databases[world], runtime.clock)

    found.timer("people_sweep", PEOPLE_SWEEP_S, forget)
    return found


async def forget_assertions(database: Database, clock: Clock) -> None:
    """Of clients at the token endpoint: wall time counts, as it does when they are checked."""
    forgotten = oauth.PRUNE_ROWS
    while forgotten == oauth.PRUNE_ROWS:
        async with database.transaction() as session:
            forgotten = await oauth.prune(session, clock.now())


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


async def sweep_people(database: Database, clock: Clock) -> None:
    """Forget sessions long over, codes of yesterday, old counts; a page of each at a time."""
    now = clock.now()
    for _ in range(SWEEP_BATCHES):
        async with database.transaction() as session:
            gone = (
                await sessions.forget(session, now) == sessions.FORGET_ROWS
                or await citizens.forget(session, now) == citizens.FORGET_ROWS
                or await throttles.forget(session, now) == throttles.FORGET_ROWS
                or await usage.forget(session, now) == usage.FORGET_ROWS
            )
        if not gone:
            return


async def sweep_webhooks(database: Database, clock: Clock) -> None:
    """Give up dead endpoints; drop what disabled ones were to get, and what was kept long enough.

    The feed is kept as long as the log.
    """
    now = clock.now()
    told = service.NOTICES_MAX
    while told == service.NOTICES_MAX:
        async with database.transaction() as session:
            told = await service.give_up_dead(session, now)
    for _ in range(SWEEP_BATCHES):
        async with database.transaction() as session:
            abandoned = await repository.abandon(session, now, limit=SWEEP_ROWS)
            forgotten = await repository.prune(session, now - LOG_KEPT, limit=SWEEP_ROWS)
            trimmed = await feed.trim(session, now - LOG_KEPT, limit=SWEEP_ROWS)
        if max(abandoned, forgotten, trimmed) < SWEEP_ROWS:
            return
