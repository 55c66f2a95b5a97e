"""Whether a service can do its work: its databases answer, its relay and its readers keep up.

Told from the producer's own database, so that a process that serves can say it of the worker: a
consumer that stopped asks no more, and one that fell behind acknowledges late.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg
from pydantic import BaseModel

from shared.auth import World
from shared.database import Database
from shared.errors import Unavailable
from shared.patience import PATIENCE
from shared.runtime import Runtime
from shared.settings import ServiceSettings

TIMEOUT_S: Final = 2.0 * PATIENCE
KEPT: Final = "feed.kept"
"""The reader that stands for what is kept for a restore (shared/retention.py): never late."""

_RELAY_SQL: Final = """
SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - uuid_extract_timestamp(event_id))
                 FROM outbox ORDER BY id LIMIT 1), 0)::float8
"""
# the age of the first event that the reader has not had; of its last question where it has all
_READERS_SQL: Final = """
SELECT c.name, h.position - c.position AS events,
       extract(epoch FROM clock_timestamp() - c.seen_at)::float8 AS silent_s,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - uuid_extract_timestamp(f.event_id))
                 FROM feed f WHERE f.position > c.position AND f.position <= h.position
                 ORDER BY f.position LIMIT 1), 0)::float8 AS late_s
FROM feed_consumer c, feed_head h WHERE c.name <> $1 ORDER BY c.name
"""


class Reader(BaseModel):
    """A consumer of this service's feed; `silent_s`: since it last asked."""

    name: str
    events_behind: int
    late_s: float
    silent_s: float


class Lag(BaseModel):
    """One world's; `relay_s`: the age of the oldest event that is not in the feed yet."""

    world: World
    relay_s: float
    readers: list[Reader]


class Readiness(BaseModel):
    status: str
    service: str
    worlds: list[Lag]


@dataclass(frozen=True, slots=True)
class Thresholds:
    relay_s: float
    reader_s: float


def thresholds(settings: ServiceSettings) -> Thresholds:
    return Thresholds(settings.ready_relay_s, settings.ready_consumer_s)


async def lag_of(database: Database, world: World) -> Lag:
    async with database.hot.acquire(timeout=TIMEOUT_S) as connection:
        relay_s = await connection.fetchval(_RELAY_SQL)
        readers = await connection.fetch(_READERS_SQL, KEPT)
    return Lag(world=world, relay_s=round(relay_s, 1), readers=[_reader(row) for row in readers])


def _reader(row: asyncpg.Record) -> Reader:
    return Reader(
        name=row["name"],
        events_behind=row["events"],
        late_s=round(row["late_s"], 1),
        silent_s=round(row["silent_s"], 1),
    )


def faults(lag: Lag, most: Thresholds) -> list[str]:
    """What is wrong with one world, in words that name the part; pure."""
    found = []
    if lag.relay_s > most.relay_s:
        found.append(f"the relay ({lag.world}) is {lag.relay_s:.0f} s behind")
    for reader in lag.readers:
        who = f"the consumer {reader.name} ({lag.world})"
        if reader.silent_s > most.reader_s:
            found.append(f"{who} has not asked for {reader.silent_s:.0f} s")
        elif reader.late_s > most.reader_s:
            found.append(f"{who} is {reader.late_s:.0f} s and {reader.events_behind} events behind")
    return found


async def check(runtime: Runtime) -> Readiness:
    """Unavailable, naming all that is wrong, where this service is not ready."""
    worlds = list(runtime.databases.worlds)
    looked = await asyncio.gather(*(_look(runtime, world) for world in worlds))
    wrong = [fault for _, found in looked for fault in found]
    if wrong:
        raise Unavailable(f"{runtime.service}: {'; '.join(wrong)}", headers={"Retry-After": "5"})
    lags = [lag for lag, _ in looked if lag is not None]
    return Readiness(status="ok", service=runtime.service, worlds=lags)


async def _look(runtime: Runtime, world: World) -> tuple[Lag | None, Sequence[str]]:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            lag = await lag_of(runtime.databases[world], world)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None, [f"its database ({world}) does not answer"]
    return lag, faults(lag, thresholds(runtime.settings))
