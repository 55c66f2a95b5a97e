"""Whether it stays as fast as it grows: the same loads at 50 thousand parcels and at 5 million.

Loaded by SQL are the tables that the hot routes read and write: items, their people, three events
each, the statistics' contributions; with a year's times. Everything else is measured as it is used.
"""

import asyncio
import itertools
import json
import os
import random
from dataclasses import dataclass
from typing import Final

import asyncpg

from bench import load
from bench.measures import Row, auth, book_batches, order, post_forever, scan_rows
from bench.stage import Stage, free_port
from shared.identifiers import format_barcode
from shared.identifiers.item import RANDOMS

SMALL: Final = 50_000
LARGE: Final = int(os.environ.get("SUSA_BENCH_PARCELS", "5000000"))
CHUNK: Final = 250_000
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


@dataclass(frozen=True, slots=True)
class Pace:
    """A load's requests (scans: items) a second, and its 99th percentile in milliseconds."""

    per_second: float
    p99_ms: float


def _p99_ms(result: load.Result) -> float:
    every = sorted(result.latencies_s)
    return every[int(len(every) * 0.99)] * 1000


async def _fill(stage: Stage, start: int, stop: int) -> None:
    connection = await asyncpg.connect(stage.admin("susa_parcels"))
    partner = await connection.fetchval("SELECT partner FROM parcel LIMIT 1")
    for at in range(start, stop, CHUNK):
        until = min(at + CHUNK, stop)
        for statement in _LOAD:
            arguments = (at, until, partner) if "$3" in statement else (at, until)
            await connection.execute(statement, *arguments, timeout=600)
        print(f"  loaded {until:,} parcels", flush=True)
    await connection.execute("VACUUM ANALYZE parcel, parcel_party, scan_event", timeout=900)
    await connection.execute("CHECKPOINT", timeout=600)
    await connection.close()


def _measured(stage: Stage, port: int, loaded: int, seconds: float = 6) -> dict[str, Pace]:
    found: dict[str, Pace] = {}
    rng = random.Random(7)
    old = [
        format_barcode((FIRST_SERIAL + n) * RANDOMS + n % 10_000)
        for n in (rng.randrange(loaded) for _ in range(20_000))
    ]
    wires = [load.request("GET", f"/v1/tracking/{barcode}") for barcode in old]
    for warm in (2, seconds):
        result = asyncio.run(
            load.run(port, itertools.cycle(wires), connections=16, ok=b"200", seconds=warm)
        )
    assert result.failed == 0, f"{result.failed} requests failed"
    found["tracking"] = Pace(result.per_second, _p99_ms(result))
    for warm in (2, seconds):
        result = post_forever(stage, port, json.dumps(order()).encode(), warm)
    found["single bookings"] = Pace(result.per_second, _p99_ms(result))
    batches = scan_rows(book_batches(stage, port, 12_000))
    heads = auth(stage.clerk)
    scans = [
        load.request("POST", "/v1/scans", body=json.dumps({"scans": b}).encode(), headers=heads)
        for b in batches
    ]
    result = asyncio.run(load.run(port, iter(scans), connections=3, ok=b"200", seconds=300))
    assert result.failed == 0, f"{result.failed} batches failed"
    found["scans"] = Pace(result.requests * 1000 / result.seconds, _p99_ms(result))
    return found


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
    port = free_port()
    with stage.running(
        ("serve", "all", "--port", str(port)), ("work", "all"), ports={port: "/livez"}
    ):
        book_batches(stage, port, 1000)
        asyncio.run(_fill(stage, 0, SMALL))
        small = _measured(stage, port, SMALL)
        asyncio.run(disk(stage))
        asyncio.run(_fill(stage, SMALL, LARGE))
        large = _measured(stage, port, LARGE)
    rows: list[Row] = []
    for what, pace in large.items():
        before = small[what]
        name = f"{what} at {LARGE:,} / at {SMALL:,}"
        rows.append(Row(name, pace.per_second, before.per_second, "per s", 0.85))
        rows.append(
            Row(f"{what}: p99 at {LARGE:,}", pace.p99_ms, before.p99_ms, "ms", 1.3, most=True)
        )
    return rows
