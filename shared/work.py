"""Background jobs of a service: relays, consumers, timers. What fails is logged and restarted."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from shared import consumer, outbox, retention
from shared.auth import World
from shared.consumer import Consumer
from shared.errors import is_passing
from shared.feed import FeedSignal
from shared.metrics import counter, highest
from shared.runtime import Runtime
from shared.tasks import pass_on_cancellation

log = structlog.get_logger(__name__)

RESTART_S: Final = 1.0
HOUSEKEEPING_S: Final = 300
FIRST_TICK_S: Final = 5
METERS_S: Final = 5

FAILED: Final = counter("susa_job_failures_total", "Jobs that failed", ("service", "job"))
LAG: Final = highest(
    "susa_consumer_lag_events",
    "Positions of a feed not consumed yet",
    ("service", "consumer", "world"),
)
STOPPED: Final = highest(
    "susa_consumer_stopped",
    "1 when a consumer has stopped for good",
    ("service", "consumer", "world"),
)
OUTBOX: Final = highest(
    "susa_outbox_rows", "Events that the relay has not published yet", ("service", "world")
)


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    run: Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Work:
    """All jobs of one service; the runners are kept so that readiness can tell their lag."""

    runtime: Runtime
    jobs: list[Job] = field(default_factory=list)
    runners: list[consumer.Runner] = field(default_factory=list)

    def every_world(self) -> Sequence[World]:
        return list(self.runtime.databases.worlds)

    def add(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self.jobs.append(Job(name, run))

    def consume(self, producer: str, what: Consumer | Callable[[World], Consumer]) -> None:
        """In each world; made for it where the effect needs more than its database's session.

        Consumers that have a type in common read the feed together.
        """
        for world in self.every_world():
            made = what if isinstance(what, Consumer) else what(world)
            reader = self._reader(producer, world, made)
            runner = consumer.Runner(made, self.runtime.databases[world], reader)
            runner.world = world
            self.runners.append(runner)
            self.add(f"{made.name}/{world}", runner.run)

    def consume_own(self, what: Consumer) -> None:
        """In each world, from this service's own feed."""
        for world in self.every_world():
            database = self.runtime.databases[world]
            signal = self.runtime.feed_signals.setdefault(world, FeedSignal(database.dsn))
            reader = consumer.OwnReader(database, signal, self.runtime.service)
            runner = consumer.Runner(what, database, reader)
            runner.world = world
            self.runners.append(runner)
            self.add(f"{what.name}/{world}", runner.run)

    def _reader(self, producer: str, world: World, for_: Consumer) -> consumer.Reader:
        readers = self.runtime.readers.setdefault((producer, world), [])
        for reader in readers:
            if reader.shares(for_):
                return reader
        readers.append(consumer.Reader(self.runtime.sister(producer, world)))
        return readers[-1]

    def timer(self, name: str, every_s: float, tick: Callable[[World], Awaitable[None]]) -> None:
        """Run `tick` per world now and then, a little jittered."""
        for world in self.every_world():
            self.add(f"{name}/{world}", _repeat(tick, world, every_s))


def _repeat(
    tick: Callable[[World], Awaitable[None]], world: World, every_s: float
) -> Callable[[], Awaitable[None]]:
    async def forever() -> None:
        # not all at once after a start: that would want more connections than a pool has
        await asyncio.sleep(random.uniform(0, min(every_s, FIRST_TICK_S)))  # noqa: S311 - jitter
        while True:
            await tick(world)
            await asyncio.sleep(every_s * random.uniform(0.8, 1.2))  # noqa: S311 - jitter

    return forever


def plumbing(runtime: Runtime) -> Work:
    """The jobs that every service has: its relay and its housekeeping, in each world."""
    work = Work(runtime)
    for world in work.every_world():
        work.add(f"relay/{world}", outbox.Relay(runtime.databases[world]).run)

    async def tick(world: World) -> None:
        await retention.sweep(runtime.databases[world], runtime.clock.now())

    async def count_outbox(world: World) -> None:
        rows = await runtime.databases[world].hot.fetchval("SELECT count(*) FROM outbox")
        OUTBOX.labels(runtime.service, world).set(rows)

    work.timer("housekeeping", HOUSEKEEPING_S, tick)
    work.timer("outbox_meter", METERS_S, count_outbox)
    return work


async def run_all(works: Sequence[Work]) -> None:
    """Run all jobs until cancelled; a job that fails or ends is started again after a pause."""
    async with asyncio.TaskGroup() as group:
        for work in works:
            for job in work.jobs:
                group.create_task(_keep(work.runtime.service, job), name=job.name)
        group.create_task(_meter(works), name="meters")


async def _meter(works: Sequence[Work]) -> None:
    """What the consumers know of themselves, for whoever asks a web process."""
    while True:
        for work in works:
            for runner in work.runners:
                labels = (work.runtime.service, runner.name, runner.world)
                LAG.labels(*labels).set(max(0, runner.head - runner.position))
                STOPPED.labels(*labels).set(runner.stopped is not None)
        await asyncio.sleep(METERS_S)


async def _keep(service: str, job: Job) -> None:
    while True:
        try:
            await job.run()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            pass_on_cancellation()
            if is_passing(error):  # the database is away or busy, or all connections are taken
                log.warning("job_waits", service=service, job=job.name, error=str(error)[:300])
            else:
                FAILED.labels(service, job.name).inc()
                log.exception("job_failed", service=service, job=job.name)
        else:
            log.error("job_ended", service=service, job=job.name)
            await asyncio.sleep(60)
        await asyncio.sleep(RESTART_S)
