"""The way to one sister in one world: so many at once, a bounded queue, the lowest class shed."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog

from services.gateway.traffic.adaptive import Adaptive
from services.gateway.traffic.breaker import Breaker
from services.gateway.traffic.domain import ORDER, RANK, SHARE, Class
from services.gateway.traffic.errors import Overloaded, SisterResting
from services.gateway.traffic.waiting import FairQueue, Waiting
from shared.patience import PATIENCE

log = structlog.get_logger(__name__)

QUEUE_MAX: Final = 1_024
QUEUE_OF_ONE_MAX: Final = 256
WAIT_S: Final = 2.0 * PATIENCE
OF_ONE_LEAST: Final = 8


class Lane:
    """`who` is an account or an address: nobody fills more than half of a lane or of its queue."""

    def __init__(self, service: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.service = service
        self.monotonic = monotonic
        self.adaptive = Adaptive()
        self.breaker = Breaker()
        self.in_flight = 0
        self.waiting = 0
        self.shed: list[int] = [0] * len(ORDER)
        self._held: dict[str, int] = {}
        self._queues = [FairQueue() for _ in ORDER]

    async def enter(self, kind: Class, who: str, patience_s: float = WAIT_S) -> float:
        """Take a place, at once if there is one; the seconds waited.

        SisterResting while the breaker is open; Overloaded when the queue is full or too slow.
        """
        rank = RANK[kind]
        if self.breaker.open and not self.breaker.allows(now := self.monotonic()):
            raise SisterResting(self.service, retry_s=max(1, round(self.breaker.retry_s(now))))
        if not self.waiting and self._has_room(rank) and self._may_hold_more(who):
            self._take(who)
            return 0.0
        came_at = self.monotonic()
        self._make_room(rank, who)
        await self._wait(rank, who, min(patience_s, WAIT_S))
        return self.monotonic() - came_at

    def leave(self, who: str, strain: float, *, failed: bool) -> None:
        """Give the place back; `strain`: how long it took by how long it should take."""
        self.adaptive.sample(strain, self.in_flight, self.monotonic())
        self.note(failed=failed)
        self._give(who)

    def rests(self) -> bool:
        """Whether the sister is left alone now; if not, what came of asking it is to be noted."""
        return self.breaker.open and not self.breaker.allows(self.monotonic())

    def note(self, *, failed: bool) -> None:
        was_open = self.breaker.open
        self.breaker.record(self.monotonic(), failed=failed)
        if was_open is not self.breaker.open:
            log.warning("breaker", service=self.service, open=self.breaker.open)

    def _has_room(self, rank: int) -> bool:
        return self.in_flight < max(1, int(self.adaptive.limit * SHARE[rank]))

    def _may_hold_more(self, who: str) -> bool:
        return self._held.get(who, 0) < max(OF_ONE_LEAST, self.adaptive.limit // 2)

    def _take(self, who: str) -> None:
        self.in_flight += 1
        self._held[who] = self._held.get(who, 0) + 1

    def _give(self, who: str) -> None:
        self.in_flight -= 1
        left = self._held[who] - 1
        if left:
            self._held[who] = left
        else:
            del self._held[who]
        if self.waiting:
            self._admit()

    def _admit(self) -> None:
        """Let in who fits, the highest class first, in each class every client in turn."""
        for rank in range(len(ORDER) - 1, -1, -1):
            while self._has_room(rank):
                one = self._queues[rank].next(self._may_hold_more)
                if one is None:
                    break
                self.waiting -= 1
                if not one.admitted.done():  # else it gave up in this very moment
                    self._take(one.who)
                    one.admitted.set_result(True)

    def _make_room(self, rank: int, who: str) -> None:
        """Refuse who comes to a full queue, or one of a lower class who waits there.

        Of the lowest class the newest of the client with most; of the same class that too, where
        he has more of them than who comes.
        """
        if sum(queue.count(who) for queue in self._queues) >= QUEUE_OF_ONE_MAX:
            raise self._refusal(rank)
        if self.waiting < QUEUE_MAX:
            return
        for lower in range(rank + 1):
            own = self._queues[rank].count(who) + 1 if lower == rank else 0
            last = self._queues[lower].drop(own)
            if last is not None:
                self.waiting -= 1
                if not last.admitted.done():
                    last.admitted.set_result(False)
                return
        raise self._refusal(rank)

    async def _wait(self, rank: int, who: str, patience_s: float) -> None:
        one = Waiting(who, asyncio.get_running_loop().create_future())
        self._queues[rank].add(one)
        self.waiting += 1
        self._admit()  # those who wait may all be of one who has his half already
        try:
            async with asyncio.timeout(patience_s):
                admitted = await one.admitted
        except BaseException as error:
            self._gave_up(rank, one)
            if isinstance(error, TimeoutError):
                raise self._refusal(rank) from None
            raise
        if not admitted:
            raise self._refusal(rank)

    def _gave_up(self, rank: int, one: Waiting) -> None:
        """Cancelled or out of time: maybe in the very moment in which it was let in."""
        if self._queues[rank].remove(one):
            self.waiting -= 1
        elif one.admitted.done() and not one.admitted.cancelled() and one.admitted.result():
            self._give(one.who)

    def _refusal(self, rank: int) -> Overloaded:
        self.shed[rank] += 1
        return Overloaded(self.service, retry_s=1 + len(ORDER) - rank)
