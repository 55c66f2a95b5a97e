"""The measurements of `make bench`; each returns rows for the table."""

import asyncio
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx

from bench import load
from bench.stage import Stage, free_port, wait_for
from services.parcels.booking.schemas import EXAMPLE
from services.parcels.vocabulary import EVENT_BY_WIRE
from shared import readiness
from shared.auth import SERVICES
from shared.identifiers import item_id_fast

JOURNEY = ("acceptance", "departure", "arrival", "out_for_delivery", "delivered")
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """`ours` and `other` in `unit`; `aim` is the least ratio wished for, with `most` the most.

    `skipped`: why it was not measured.
    """

    what: str
    ours: float
    other: float
    unit: str
    aim: float
    most: bool = False
    skipped: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.other if self.other else 0.0


def auth(key: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Authorization", f"Bearer {key}"), *more]


def order() -> dict[str, Any]:
    made = json.loads(json.dumps(EXAMPLE))
    del made["reference"]
    made["origin_office"] = "KZ00007"
    return dict(made)


def book_batches(stage: Stage, port: int, count: int) -> list[str]:
    """Book so many parcels through the gateway; their barcodes."""
    found: list[str] = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
        for _ in range(count // BATCH):
            answer = client.post(
                "/v1/parcels/batch",
                json={"parcels": [order()] * BATCH},
                headers=dict(auth(stage.shop, ("Idempotency-Key", str(uuid.uuid4())))),
            )
            answer.raise_for_status()
            found += [r["parcel"]["barcode"] for r in answer.json()["results"]]
    return found


def scan_rows(barcodes: list[str]) -> list[list[dict[str, Any]]]:
    """Batches of 1,000 scans: whole groups of parcels move along the journey leg by leg."""
    now = datetime.now(UTC) - timedelta(hours=1)
    batches: list[list[dict[str, Any]]] = []
    for leg, event in enumerate(JOURNEY):
        at = (now + timedelta(minutes=leg)).isoformat()
        batches += [
            [
                {
                    "barcode": barcode,
                    "event_id": str(uuid.uuid4()),
                    "event": event,
                    "office": "KZ00007",
                    "occurred_at": at,
                }
                for barcode in barcodes[start : start + BATCH]
            ]
            for start in range(0, len(barcodes), BATCH)
        ]
    return batches


async def _copy(stage: Stage, batches: list[list[dict[str, Any]]]) -> float:
    """One COPY of the same rows into a table like the events', on one connection."""
    actor = uuid.uuid4()
    connection = await asyncpg.connect(stage.admin("susa_parcels"))
    await connection.execute("DROP TABLE IF EXISTS bench_scan")
    await connection.execute("CREATE TABLE bench_scan (LIKE scan_event INCLUDING ALL)")
    rows = [
        (
            item_id_fast(scan["barcode"]),
            uuid.UUID(scan["event_id"]),
            int(EVENT_BY_WIRE[scan["event"]]),
            False,
            7,
            datetime.fromisoformat(scan["occurred_at"]),
            datetime.fromisoformat(scan["occurred_at"]),
            actor,
            None,
            None,
            None,
        )
        for batch in batches
        for scan in batch
    ]
    started_at = time.perf_counter()
    await connection.copy_records_to_table("bench_scan", records=rows)
    seconds = time.perf_counter() - started_at
    await connection.execute("DROP TABLE bench_scan")
    await connection.close()
    return len(rows) / seconds


OF_MONEY: Final = ("complaints.payouts", "parcels.settlements")
"""They want no event of a scan, and hear where the feed ends when their question does: in 20 s."""


async def caught_up(stage: Stage) -> bool:
    """Whether all that scans are told to stand at the head of parcels' feed, its outbox empty.

    By their own cursors: the producer hears of the last page only when the next is asked for.
    """
    connection = await asyncpg.connect(stage.admin("susa_parcels"))
    try:
        waiting, head = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM outbox), (SELECT position FROM feed_head)"
        )
        readers = await connection.fetch(
            "SELECT name FROM feed_consumer WHERE name <> ALL($1)", [readiness.KEPT, *OF_MONEY]
        )
    finally:
        await connection.close()
    at: dict[str, int] = {}
    for service in SERVICES:
        connection = await asyncpg.connect(stage.admin(f"susa_{service}"))
        try:
            at |= dict(await connection.fetch("SELECT consumer, position FROM feed_cursor"))
        finally:
            await connection.close()
    return (
        waiting == 0
        and len(readers) >= 3
        and all(at.get(row["name"], 0) >= head for row in readers)
    )


def scans(stage: Stage, *, parcels: int = 24_000, connections: int = 3) -> list[Row]:
    """Batches of 1,000 through the gateway, relay and consumers running, against plain COPY."""
    port = free_port()
    with stage.running(
        ("serve", "all", "--port", str(port)), ("work", "all"), ports={port: "/livez"}
    ):
        warm = scan_rows(book_batches(stage, port, 2000))
        batches = scan_rows(book_batches(stage, port, parcels))

        def wires(of: list[list[dict[str, Any]]]) -> Iterator[bytes]:
            head = auth(stage.clerk)
            made = [
                load.request(
                    "POST", "/v1/scans", body=json.dumps({"scans": b}).encode(), headers=head
                )
                for b in of
            ]
            return iter(made)

        asyncio.run(load.run(port, wires(warm), connections=2, ok=b"200", seconds=60))
        while not asyncio.run(caught_up(stage)):
            time.sleep(0.1)
        ready = wires(batches)
        started_at = time.perf_counter()
        result = asyncio.run(load.run(port, ready, connections=connections, ok=b"200", seconds=300))
        while not asyncio.run(caught_up(stage)):
            time.sleep(0.05)
        through_s = time.perf_counter() - started_at
        copied = asyncio.run(_copy(stage, batches))
    assert result.failed == 0, f"{result.failed} batches failed"
    total = result.requests * BATCH
    return [
        Row("scans accepted / COPY", total / result.seconds, copied, "scans/s", 0.2),
        Row("scans through consumers / COPY", total / through_s, copied, "scans/s", 0.12),
    ]


def tracked(stage: Stage, port: int) -> list[str]:
    """Parcels with a journey behind them."""
    barcodes = book_batches(stage, port, 2000)
    wires = (
        load.request(
            "POST", "/v1/scans", body=json.dumps({"scans": b}).encode(), headers=auth(stage.clerk)
        )
        for b in scan_rows(barcodes)
    )
    asyncio.run(load.run(port, wires, connections=1, ok=b"200", seconds=60))
    return barcodes


def _tracking_load(port: int, barcodes: list[str], seconds: float) -> load.Result:
    wires = [load.request("GET", f"/v1/tracking/{b}") for b in barcodes]
    result = asyncio.run(
        load.run(port, itertools.cycle(wires), connections=16, ok=b"200", seconds=seconds)
    )
    assert result.failed == 0, f"{result.failed} requests failed"
    return result


def alternating(
    sides: tuple[int, int], barcodes: list[str], rounds: int = 4, seconds: float = 4
) -> tuple[float, float]:
    """Both sides in turn, so that a noisy minute hits both; requests a second of each."""
    for port in sides:
        _tracking_load(port, barcodes, 1)
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, port in enumerate(sides):
            found[side].append(_tracking_load(port, barcodes, seconds).per_second)
    return sum(found[0]) / rounds, sum(found[1]) / rounds


def tracking(stage: Stage) -> list[Row]:
    """Tracking through the gateway in one process, against a bare app of one route."""
    port, bare = free_port(), free_port()
    with stage.running(("serve", "all", "--port", str(port)), ports={port: "/livez"}):
        barcodes = tracked(stage, port)
        child = stage.spawn(
            "-m",
            "uvicorn",
            "bench.bare:app",
            "--port",
            str(bare),
            "--log-level",
            "warning",
            "--no-access-log",
            "--loop",
            "uvloop",
            "--http",
            "httptools",
            env={"BENCH_DSN": stage.dsn("parcels")},
        )
        try:
            wait_for(bare, f"/v1/tracking/{barcodes[0]}")
            ours, other = alternating((port, bare), barcodes)
        finally:
            child.terminate()
            child.wait()
    return [Row("tracking, one process / bare app", ours, other, "req/s", 0.6)]


NGINX = """
worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; daemon off;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    upstream parcels {{ server 127.0.0.1:{upstream}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://parcels; proxy_http_version 1.1; proxy_set_header Connection "";
        }}
    }}
}}
"""


def tracking_over_http(stage: Stage) -> list[Row]:
    """The gateway as a process of its own, against nginx in front of the same parcels service."""
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    what = "gateway over HTTP / nginx"
    if not Path(nginx).exists():
        why = "nginx is not installed (Debian: apt-get install nginx-light)"
        return [Row(what, 0, 0, "req/s", 0.55, skipped=why)]
    gateway, parcels, offices, complaints, proxy = (free_port() for _ in range(5))
    os.environ.update(
        {
            "SUSA_PARCELS_URL": f"http://127.0.0.1:{parcels}",
            "SUSA_OFFICES_URL": f"http://127.0.0.1:{offices}",
            "SUSA_COMPLAINTS_URL": f"http://127.0.0.1:{complaints}",
        }
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        stage.running(
            ("serve", "gateway", "--port", str(gateway)),
            ("serve", "parcels", "--port", str(parcels)),
            ports={gateway: "/livez", parcels: "/livez"},
        ),
    ):
        barcodes = tracked(stage, gateway)
        Path(folder).chmod(0o755)
        config = Path(folder) / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, upstream=parcels, port=proxy))
        child = subprocess.Popen([nginx, "-c", str(config), "-p", folder])
        try:
            wait_for(proxy, f"/v1/tracking/{barcodes[0]}")
            ours, other = alternating((gateway, proxy), barcodes)
        finally:
            child.terminate()
            child.wait()
    for name in ("PARCELS", "OFFICES", "COMPLAINTS"):
        del os.environ[f"SUSA_{name}_URL"]
    return [Row(what, ours, other, "req/s", 0.55)]


async def _commits(stage: Stage, seconds: float) -> float:
    """Single-row commits, one after the other, on one connection."""
    connection = await asyncpg.connect(stage.admin("susa_parcels"))
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS bench_commit (id bigint PRIMARY KEY, note text)"
    )
    statement = await connection.prepare("INSERT INTO bench_commit VALUES ($1, $2)")
    start = await connection.fetchval("SELECT coalesce(max(id), 0) FROM bench_commit")
    until, count = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        count += 1
        await statement.fetch(start + count, "one row, one commit")
    await connection.close()
    return count / seconds


def post_forever(stage: Stage, port: int, body: bytes, seconds: float) -> load.Result:
    """Single bookings, one after the other on each of 16 connections."""

    def wire() -> bytes:
        head = auth(stage.shop, ("Idempotency-Key", str(uuid.uuid4())))
        return load.request("POST", "/v1/parcels", body=body, headers=head)

    result = asyncio.run(
        load.run(port, load.forever(wire), connections=16, ok=b"201", seconds=seconds)
    )
    assert result.failed == 0, f"{result.failed} bookings failed"
    return result


def bookings(stage: Stage, rounds: int = 4, seconds: float = 4) -> list[Row]:
    """Single bookings through the gateway, against single-row commits on one serial connection."""
    port = free_port()
    body = json.dumps(order()).encode()
    ours, other = 0.0, 0.0
    with stage.running(
        ("serve", "all", "--port", str(port)), ("work", "all"), ports={port: "/livez"}
    ):
        for turn in range(rounds + 1):
            result = post_forever(stage, port, body, seconds if turn else 1)
            if turn:
                ours += result.per_second / rounds
                other += asyncio.run(_commits(stage, seconds)) / rounds
    return [Row("single bookings / serial commits", ours, other, "per s", 0.5)]


def batch_bookings(stage: Stage, *, batches: int = 24, connections: int = 2) -> list[Row]:
    """Batches of 1,000 bookings through the gateway, against COPY of the same rows."""
    port = free_port()
    body = json.dumps({"parcels": [order()] * BATCH}).encode()

    def wires(count: int) -> Iterator[bytes]:
        for _ in range(count):
            head = auth(stage.shop, ("Idempotency-Key", str(uuid.uuid4())))
            yield load.request("POST", "/v1/parcels/batch", body=body, headers=head)

    with stage.running(
        ("serve", "all", "--port", str(port)), ("work", "all"), ports={port: "/livez"}
    ):
        ours: list[float] = []
        other: list[float] = []
        for count in (4, batches, batches):  # the first warms up
            result = asyncio.run(
                load.run(port, wires(count), connections=connections, ok=b"200", seconds=300)
            )
            assert result.failed == 0, f"{result.failed} batches failed"
            ours.append(result.requests * BATCH / result.seconds)
            other.append(asyncio.run(_copy_bookings(stage, count * BATCH)))
    fast = sum(ours[1:]) / 2, sum(other[1:]) / 2
    return [Row("batch bookings / COPY", *fast, "parcels/s", 0.15)]


async def _copy_bookings(stage: Stage, count: int) -> float:
    """The newest rows of items and of their people, copied into tables like theirs."""
    connection = await asyncpg.connect(stage.admin("susa_parcels"))
    rows: dict[str, list[asyncpg.Record]] = {}
    for table in ("parcel", "parcel_party"):
        await connection.execute(f"DROP TABLE IF EXISTS bench_{table}")
        await connection.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
        rows[table] = await connection.fetch(
            f"SELECT * FROM {table} ORDER BY item_id DESC LIMIT {count}"
        )
    started_at = time.perf_counter()
    for table, copied in rows.items():
        await connection.copy_records_to_table(f"bench_{table}", records=copied)
    seconds = time.perf_counter() - started_at
    for table in rows:
        await connection.execute(f"DROP TABLE bench_{table}")
    await connection.close()
    return count / seconds
