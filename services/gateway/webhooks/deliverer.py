"""The delivery loop: lease what is due, send it, record what came of it.

No connection of the database is held while a request runs. A worker that dies leaves a lease that
runs out; then the delivery is sent again, with the same `webhook-id`. Times are the clock's of the
machine, not of the world: a partner's server lives in the present even while a backfill runs.
"""

import asyncio
import random
import time
from datetime import timedelta
from typing import Final

import asyncpg
import structlog

from services.gateway.webhooks import repository
from services.gateway.webhooks.domain import Answer, after, signed_headers
from services.gateway.webhooks.repository import Claimed
from services.gateway.webhooks.sender import Sender
from shared.clock import Clock
from shared.database import Database
from shared.tasks import pass_on_cancellation

log = structlog.get_logger(__name__)

IN_FLIGHT_MAX: Final = 64
PER_ENDPOINT_MAX: Final = 8
FAILING_MAX: Final = IN_FLIGHT_MAX // 2
"""Places for all endpoints together whose last attempt failed."""
LEASE: Final = timedelta(seconds=60)
POLL_S: Final = 0.5
GATHER_S: Final = 0.01  # one look at the queue for the places that come free meanwhile


class Deliverer:
    """Delivers one world's webhooks; several may run at once, here or in other processes."""

    def __init__(
        self, database: Database, sender: Sender, clock: Clock, dice: random.Random | None = None
    ) -> None:
        self._database = database
        self._sender = sender
        self._clock = clock
        self._dice = dice or random.SystemRandom()
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled; what is under way then is left to its lease."""
        async with self._sender:
            try:
                while True:
                    try:
                        await self.start_due()
                    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                        pass_on_cancellation()
                        log.warning("webhooks_wait", error=str(error)[:300])
                        await asyncio.sleep(POLL_S)
                    await self._pause()
            finally:
                await self.abort()

    async def start_due(self) -> int:
        """Lease what is due and start sending it; how many."""
        places = IN_FLIGHT_MAX - len(self._running)
        if places <= 0:
            return 0
        async with self._database.hot.acquire() as connection:
            claimed = await repository.claim(
                connection,
                now=self._clock.now(),
                lease=LEASE,
                places=places,
                per_endpoint=PER_ENDPOINT_MAX,
                failing=FAILING_MAX,
            )
        for delivery in claimed:
            task = asyncio.create_task(self._deliver(delivery))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(claimed)

    async def drain(self) -> None:
        """Wait for what is under way."""
        while self._running:
            await asyncio.wait(self._running)

    async def abort(self) -> None:
        """Stop at once, recording nothing."""
        for task in self._running:
            task.cancel()
        await self.drain()

    async def _pause(self) -> None:
        """Until a place is free and, at the latest, the next look at the queue is due."""
        if self._running:
            await asyncio.wait(self._running, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(GATHER_S)
        else:
            await asyncio.sleep(POLL_S)

    async def _deliver(self, claimed: Claimed) -> None:
        try:
            started = time.perf_counter()
            answer = await self._send(claimed)
            elapsed_ms = int((time.perf_counter() - started) * 1000)
            now = self._clock.now()
            step = after(answer, claimed.nth, now, self._dice.uniform(-1, 1))
            async with self._database.hot.acquire() as connection:
                recorded = await repository.record(
                    connection, claimed, answer, step, now, elapsed_ms=elapsed_ms
                )
        except Exception:
            # its lease runs out and it is sent again
            log.exception("webhook_not_recorded", delivery=str(claimed.id))
            return
        if not recorded:
            log.warning("webhook_lease_lost", delivery=str(claimed.id))

    async def _send(self, claimed: Claimed) -> Answer:
        headers = signed_headers(claimed.id, claimed.secrets, claimed.body, self._clock.now())
        try:
            return await self._sender.post(claimed.url, headers, claimed.body)
        except Exception:
            log.exception("webhook_send_failed", delivery=str(claimed.id))
            return Answer(None, "could not be sent")
