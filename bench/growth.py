"""Whether it stays as fast as it grows: the same loads at 50 thousand parcels and at 5 million.

Loaded by SQL are the tables that the hot routes read and write: items, their people, three events
each, the statistics' contributions; with a year's times. Everything else is measured as it is used.
"""

import asyncio
import itertools
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import asyncpg

from bench import load
from bench.measures import Row, auth, book_batches, caught_up, order, post_forever, scan_rows
from bench.stage import Stage, free_port
from bench.stage import stage as another
from shared.identifiers import format_barcode
from shared.identifiers.item import RANDOMS

SMALL: Final = 50_000
LARGE: Final = int(os.environ.get("SUSA_BENCH_PARCELS", "5000000"))
CHUNK: Final = 250_000
ROUNDS: Final = 4
TURN_S: Final = 4.0
SCANS: Final = 100
"""Of a batch: enough batches for a 99th percentile."""
FIRST_SERIAL: Final = 10**10
"""Far from the blocks that bookings take, so that the two never meet."""

_LOAD: Final = (
    f"""
    INSERT INTO parcel (item_id, partner, product, channel, status, version, weight_g,
        origin_office, to_province, to_town, price_rials, tariff, declared_value_rials, cod_rials,
        backfill, booked_at, promised_at, updated_at, custodian, accepted_at, ended_at, fold_at,
        fold_event, fold_event_id)
    SELECT ({FIRST_SERIAL} + n) * {RANDOMS} + n % 10000, $3, 3, 2, 7, 4, 450, 7, 'khuzestan',
        'dezful', 57500, '1395-example', 0, 0, true, at, at + interval '1 day', at, 5, at, at, at,
        90, gen_random_uuid()
    FROM (SELECT n, now() - interval '365 days' * (1 - n::float8 / {LARGE}) - interval '1 day' AS at
        FROM generate_series($1::bigint, $2::bigint - 1) n) AS made
    """,
    f"""
    INSERT INTO parcel_party (item_id, sender_name, sender_phone, sender_address, recipient_name,
        recipient_phone, recipient_address)
    SELECT ({FIRST_SERIAL} + n) * {RANDOMS} + n % 10000, 'فروشگاه کارون', '+986133334444',
        'اهواز، خیابان نادری', 'مریم احمدی', '+989123456789', 'دزفول، خیابان شریعتی'
    FROM generate_series($1::bigint, $2::bigint - 1) n
    """,
    f"""
    INSERT INTO scan_event (item_id, event_id, event, flagged, office, occurred_at, recorded_at)
    SELECT ({FIRST_SERIAL} + n) * {RANDOMS} + n % 10000, gen_random_uuid(), event, false, 7, at, at
    FROM generate_series($1::bigint, $2::bigint - 1) n, unnest(ARRAY[10, 50, 90]) AS event,
        LATERAL (SELECT now() - interval '365 days' * (1 - n::float8 / {LARGE})
            - interval '1 day' + interval '1 min' * event AS at) AS t
    """,
)


@dataclass(slots=True)
class Pace:
    """What several rounds of a load did together; of scans a request is a batch."""

    requests: int = 0
    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

    def add(self, result: load.Result) -> None:
        assert result.failed == 0, f"{result.failed} requests failed"
        self.requests += result.requests
        self.seconds += result.seconds
        self.latencies_s += result.latencies_s

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def p99_ms(self) -> float:
        return sorted(self.latencies_s)[int(len(self.latencies_s) * 0.99)] * 1000


async def _fill(stage: Stage, count: int) -> None:
    connection = await asyncpg.connect(stage.admin("susa_parcels"))
    partner = await connection.fetchval("SELECT partner FROM parcel LIMIT 1")
    for at in range(0, count, CHUNK):
        until = min(at + CHUNK, count)
        for statement in _LOAD:
            arguments = (at, until, partner) if "$3" in statement else (at, until)
            await connection.execute(statement, *arguments, timeout=600)
        print(f"  loaded {until:,} parcels", flush=True)
    await connection.execute("VACUUM ANALYZE parcel, parcel_party, scan_event", timeout=900)
    await connection.execute("CHECKPOINT", timeout=600)
    await connection.close()


class Side:
    """One of the two installations, served and loaded."""

    def __init__(self, stage: Stage, loaded: int) -> None:
        self.stage = stage
        self.loaded = loaded
        self.port = free_port()
        self.paces: dict[str, Pace] = {}
        self._dice = random.Random(7)

    @contextmanager
    def running(self) -> Iterator[None]:
        commands = (("serve", "all", "--port", str(self.port)), ("work", "all"))
        with self.stage.running(*commands, ports={self.port: "/livez"}):
            book_batches(self.stage, self.port, 1000)
            asyncio.run(_fill(self.stage, self.loaded))
            yield

    def warm_up(self) -> None:
        for turn in LOADS.values():
            turn(self)

    def measure(self, what: str) -> None:
        self.paces.setdefault(what, Pace()).add(LOADS[what](self))
        while not asyncio.run(caught_up(self.stage)):
            time.sleep(0.05)

    def tracking(self) -> load.Result:
        some = (self._dice.randrange(self.loaded) for _ in range(20_000))
        old = [format_barcode((FIRST_SERIAL + n) * RANDOMS + n % 10_000) for n in some]
        wires = itertools.cycle([load.request("GET", f"/v1/tracking/{one}") for one in old])
        return asyncio.run(load.run(self.port, wires, connections=16, ok=b"200", seconds=TURN_S))

    def bookings(self) -> load.Result:
        return post_forever(self.stage, self.port, json.dumps(order()).encode(), TURN_S)

    def scans(self) -> load.Result:
        heads = auth(self.stage.clerk)
        batches = scan_rows(book_batches(self.stage, self.port, 4_000))
        bodies = [
            json.dumps({"scans": batch[n : n + SCANS]}).encode()
            for batch in batches
            for n in range(0, len(batch), SCANS)
        ]
        wires = [load.request("POST", "/v1/scans", body=body, headers=heads) for body in bodies]
        return asyncio.run(load.run(self.port, iter(wires), connections=3, ok=b"200", seconds=300))


LOADS: Final[dict[str, Callable[[Side], load.Result]]] = {
    "tracking": Side.tracking,
    "single bookings": Side.bookings,
    "batches of scans": Side.scans,
}


async def disk(stage: Stage) -> None:
    """Print the bytes that a parcel, an event and a feed row take, indexes and all."""
    connection = await asyncpg.connect(stage.admin("susa_parcels"))
    await connection.execute("VACUUM ANALYZE", timeout=900)
    tables = ("parcel", "parcel_party", "item_contribution", "promise_due", "scan_event")
    sizes = {
        table: await connection.fetchval(f"SELECT pg_total_relation_size('{table}')")
        for table in tables
    }
    feed = await connection.fetchval(
        "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('feed')"
    )
    counts = {
        table: await connection.fetchval(f"SELECT count(*) FROM {table}")
        for table in ("parcel", "scan_event", "feed")
    }
    await connection.close()
    each = {table: size / counts["parcel"] for table, size in sizes.items()}
    print("disk, bytes a parcel:", {table: round(size) for table, size in each.items()})
    print("disk, bytes an event:", round(sizes["scan_event"] / max(counts["scan_event"], 1)))
    print("disk, bytes a feed row:", round(feed / max(counts["feed"], 1)), f"of {counts['feed']:,}")


def growth(stage: Stage) -> list[Row]:
    """In turn, so that a noisy minute, of the disk above all, hits both."""
    with another() as beside:
        small, large = Side(beside, SMALL), Side(stage, LARGE)
        with small.running(), large.running():
            for side in (small, large):
                side.warm_up()
            for what in LOADS:
                for _ in range(ROUNDS):
                    for side in (small, large):
                        side.measure(what)
            asyncio.run(disk(stage))
    return [row for what in LOADS for row in _rows(what, small.paces[what], large.paces[what])]


def _rows(what: str, small: Pace, large: Pace) -> Iterator[Row]:
    name = f"{what} at {LARGE:,} / at {SMALL:,}"
    yield Row(name, large.per_second, small.per_second, "per s", 0.85)
    name = f"{what}: p99 at {LARGE:,}"
    yield Row(name, large.p99_ms, small.p99_ms, "ms", 1.3, most=True)
