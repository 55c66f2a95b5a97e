"""The traffic of one process: quotas, the lanes to the sisters, what is remembered, the meters."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Final

from services.gateway.config import Settings
from services.gateway.traffic.domain import Class
from services.gateway.traffic.lane import Lane
from services.gateway.traffic.meters import LAG, LIMITED, Meters
from services.gateway.traffic.quotas import Guesses, Quotas, Waits
from services.gateway.traffic.stale import Stale
from shared import metrics
from shared.auth import Caller, World
from shared.errors import Problem
from shared.patience import PATIENCE

READ_S: Final = 1.0
NEWS_S: Final = 1.0
FAILED: Final = frozenset({502, 503, 504})
"""Of a sister: it or its database is away. A 500 is a fault in one operation, not of all."""
ELSEWHERE: Final = "failed_elsewhere"
"""In the state of a request that the gateway could not answer, for want of a sister."""

TARGET_S: Final = 0.1 * PATIENCE
TARGET_SLOW_S: Final = 2.0 * PATIENCE
TARGET_REPORTS_S: Final = 1.0 * PATIENCE
"""How long an answer should take; past it the sister has too much to do."""

OPERATOR: Final = "operations:read"


def target_s(kind: Class, *, slow: bool) -> float:
    if slow:
        return TARGET_SLOW_S
    return TARGET_REPORTS_S if kind == "reports" else TARGET_S


class Traffic:
    def __init__(self, settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.quotas = Quotas(settings.limit_factor, settings.processes, monotonic)
        self.guesses = Guesses(settings.limit_factor, settings.processes, monotonic)
        self.waits = Waits()
        self.stale = Stale(monotonic)
        self.meters = Meters()
        self._monotonic = monotonic
        self._lanes: dict[tuple[str, World], Lane] = {}
        self._told_at: dict[str, float] = {}

    def lane(self, service: str, world: World) -> Lane:
        """One for each world: what happens in the sandbox stays there."""
        lane = self._lanes.get((service, world))
        if lane is None:
            lane = self._lanes[service, world] = Lane(service, self._monotonic)
        return lane

    def is_news(self, service: str) -> bool:
        """Once a second: 503 comes by the thousand, is counted, and says the same each time."""
        now = self._monotonic()
        if now - self._told_at.get(service, float("-inf")) < NEWS_S:
            return False
        self._told_at[service] = now
        return True

    def lanes(self) -> Iterator[tuple[str, World, Lane]]:
        for (service, world), lane in self._lanes.items():
            yield service, world, lane

    def read_meters(self) -> None:
        self.meters.read(self.lanes(), self.stale.served)

    async def keep_reading(self) -> None:
        """Bring the gauges up to date until cancelled, for who asks another process for them."""
        loop = asyncio.get_running_loop()
        while True:
            planned_at = loop.time() + READ_S
            await asyncio.sleep(READ_S)
            LAG.labels("gateway").set(loop.time() - planned_at)
            self.read_meters()


def limited(service: str, kind: Class) -> None:
    LIMITED.labels(service, kind).inc()


def failed(status: int, error: BaseException | None) -> bool:
    """Whether an answer counts against its sister: it did not come, or says that it is away."""
    if error is not None:
        return isinstance(error, TimeoutError) or (
            isinstance(error, Problem) and error.status in FAILED
        )
    return status in FAILED


def check_may_read(caller: Caller, *, direct: bool) -> None:
    """Metrics are for operators, and for who asks from this machine and through no proxy."""
    if not direct:
        caller.require(OPERATOR)


async def exposition(traffic: Traffic) -> bytes:
    traffic.read_meters()
    return await asyncio.to_thread(metrics.exposition)
