"""Nearest and text search among 100,000 offices: through the gateway, and as bare SQL."""

import asyncio
import itertools
import json
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import asyncpg

from bench import load
from bench.measures import Row
from bench.stage import Stage, free_port
from services.offices.registry.domain import search_text
from services.offices.search import domain

OFFICES: Final = 100_000
CONNECTIONS: Final = 16
POOL: Final = 6  # as many as a service's hot pool
LIMIT: Final = 10
LETTERS: Final = "ابپتجچحخدرزسشصطعفقکگلمنوهی"
WEEK: Final = ("sat", "sun", "mon", "tue", "wed")
HOURS: Final = tuple(
    json.dumps({**dict.fromkeys(WEEK, day), "thu": day[:1], "fri": []})
    for day in (["07:30-14:00"], ["08:00-13:00", "16:00-20:00"])
)

_SAID: Final = """
    o.code, o.name, o.kind, t.county, o.town, t.province, o.address, o.postal_code, o.latitude,
    o.longitude, o.hours, o.status, o.sorting_centre, o.version, o.created_at, o.updated_at
"""
NEAREST_SQL: Final = f"""
SELECT {_SAID}, earth_point(o.latitude, o.longitude) <-> earth_point($1, $2) AS chord
FROM office o JOIN town t ON t.slug = o.town
WHERE o.status = 'active' AND o.kind <> 'sorting_centre'
ORDER BY earth_point(o.latitude, o.longitude) <-> earth_point($1, $2) LIMIT {LIMIT}
"""
TEXT_SQL: Final = f"""
SELECT {_SAID}, word_similarity($1, o.search_text) AS score
FROM office o JOIN town t ON t.slug = o.town
WHERE o.status = 'active' AND o.search_text LIKE $2 AND o.search_text LIKE $3
ORDER BY score DESC, o.id LIMIT {LIMIT}
"""


def _name(draw: random.Random) -> str:
    return "".join(draw.choices(LETTERS, k=draw.randint(4, 8)))


def _rows(draw: random.Random, towns: Sequence[asyncpg.Record]) -> Iterator[tuple[Any, ...]]:
    """Offices as many as people, near the towns; codes of prefixes that nobody issues."""
    quarters = [_name(draw) for _ in range(2_000)]
    now = datetime.now(UTC)
    weights = [town["population"] for town in towns]
    for number, town in enumerate(draw.choices(towns, weights, k=OFFICES)):
        prefix = f"Z{chr(ord('A') + number // 10_000)}"
        code = f"{prefix}{number % 10_000:05d}"
        name = f"دفتر پیشخوان {draw.choice(quarters)}"
        address = f"خیابان {draw.choice(quarters)}، پلاک {draw.randint(1, 400)}"
        yield (
            200_000 + number,
            code,
            name,
            draw.choice(["pishkhan", "agency", "rural_ict"]),
            town["slug"],
            address,
            "6135743337",
            town["latitude"] + draw.gauss(0, 0.04),
            town["longitude"] + draw.gauss(0, 0.04),
            draw.choice(HOURS),
            "active",
            ["counter"],
            search_text(name, address, code, town["name"]),
            1,
            now,
            now,
        )


COLUMNS: Final = [
    *("id", "code", "name", "kind", "town", "address", "postal_code", "latitude", "longitude"),
    *("hours", "status", "capabilities", "search_text", "version", "created_at", "updated_at"),
]


async def _fill(stage: Stage) -> list[str]:
    """A hundred thousand offices by COPY; phrases to look for, a word of a name and one beside."""
    draw = random.Random(5)
    connection = await asyncpg.connect(stage.admin("susa_offices"))
    try:
        towns = await connection.fetch("SELECT * FROM town ORDER BY slug")
        rows = list(_rows(draw, towns))
        await connection.copy_records_to_table("office", records=rows, columns=COLUMNS)
        await connection.execute("VACUUM ANALYZE office")
    finally:
        await connection.close()
    return [f"{row[2].split()[-1]} پیشخوان" for row in draw.sample(rows, 500)]


async def _bare(stage: Stage, sql: str, asked: Sequence[tuple[Any, ...]], seconds: float) -> float:
    """Statements a second, with as many asking as there are connections to the gateway."""
    settings = {"jit": "off", "plan_cache_mode": "force_generic_plan"}  # as the service's own

    async def left_as_it_is(_: asyncpg.Connection) -> None:
        """No round trip to reset a connection, as the service has none."""

    each, done = itertools.cycle(asked), 0
    async with asyncpg.create_pool(
        stage.dsn("offices"),
        min_size=POOL,
        max_size=POOL,
        reset=left_as_it_is,
        server_settings=settings,
    ) as pool:
        until = time.perf_counter() + seconds

        async def ask() -> None:
            nonlocal done
            while time.perf_counter() < until:
                assert await pool.fetch(sql, *next(each))
                done += 1

        started_at = time.perf_counter()
        await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
        return done / (time.perf_counter() - started_at)


def _through(port: int, paths: Sequence[str], seconds: float) -> float:
    wires = itertools.cycle([load.request("GET", path) for path in paths])
    result = asyncio.run(load.run(port, wires, connections=CONNECTIONS, ok=b"200", seconds=seconds))
    assert result.failed == 0, f"{result.failed} requests failed"
    return result.per_second


def offices(stage: Stage, rounds: int = 4, seconds: float = 3) -> list[Row]:
    """Both sides in turn, so that a noisy minute hits both; the first turn warms up."""
    draw, port = random.Random(6), free_port()
    phrases = asyncio.run(_fill(stage))
    points = [(draw.uniform(30.2, 32.6), draw.uniform(48.0, 50.2)) for _ in range(500)]
    words = [domain.words(phrase) for phrase in phrases]
    sides: dict[str, tuple[list[str], str, list[tuple[Any, ...]]]] = {
        "nearest of 100,000 offices / bare SQL": (
            [f"/v1/offices/nearest?latitude={a:.5f}&longitude={b:.5f}" for a, b in points],
            NEAREST_SQL,
            points,
        ),
        "text search in 100,000 / bare SQL": (
            [f"/v1/offices/search?limit={LIMIT}&q={quote(phrase)}" for phrase in phrases],
            TEXT_SQL,
            [(" ".join(each), *map(domain.has, each)) for each in words],
        ),
    }
    found = []
    with stage.running(("serve", "all", "--port", str(port)), ports={port: "/livez"}):
        for what, (paths, sql, asked) in sides.items():
            ours = other = 0.0
            for turn in range(rounds + 1):
                ours_now = _through(port, paths, seconds if turn else 1)
                other_now = asyncio.run(_bare(stage, sql, asked, seconds if turn else 1))
                ours += ours_now / rounds if turn else 0
                other += other_now / rounds if turn else 0
            found.append(Row(what, ours, other, "req/s", 0.5))
    return found
