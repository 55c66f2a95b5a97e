"""SQL of the roll-ups, on asyncpg where items are counted, a few statements for thousands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from typing import Any, Final

import asyncpg
from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.transit.domain import (
    BUCKETS,
    ENDED,
    SCALARS,
    Cell,
    Contribution,
    Dimension,
    Fact,
    Figures,
    Office,
    Places,
    Range,
)
from services.parcels.transit.views import Filters, Measure, Total, View
from services.parcels.vocabulary import Direction
from shared.identifiers.item import SLOT

DAILY: Final = "transit_daily"
MONTHLY: Final = "transit_monthly"

_CONTRIBUTION: Final = ", ".join(Contribution._fields)

# What scanning knows of it: the first scan of another post's number begins an inbound item.
DIRECTION: Final = f"""
coalesce((SELECT d.direction FROM item_direction d WHERE d.item_id = p.item_id),
    {int(Direction.DOMESTIC)})
"""

_FACTS: Final = f"""
SELECT p.item_id, p.product, p.channel, p.status, p.accepted_at, p.ended_at, p.promised_at,
    coalesce(p.origin_office, 0), {DIRECTION}, p.to_province, p.to_town,
    {", ".join(f"c.{name}" for name in Contribution._fields)}
FROM parcel p LEFT JOIN item_contribution c ON c.item_id = p.item_id
WHERE p.item_id = ANY($1)
"""
_FACT_END: Final = 1 + len(Fact._fields)

_KEEP: Final = f"""
INSERT INTO item_contribution (item_id, {_CONTRIBUTION})
SELECT * FROM unnest($1::bigint[], $2::date[], $3::date[], $4::int[], $5::int[], $6::smallint[],
    $7::smallint[], $8::smallint[], $9::smallint[], $10::bool[], $11::text[], $12::text[])
ON CONFLICT (item_id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in Contribution._fields)}
"""

_LIVES: Final = """
SELECT p.item_id FROM unnest($1::bigint[], $2::bigint[]) AS r (low, high)
JOIN parcel p ON p.item_id >= r.low AND p.item_id < r.high
"""

_SUMS: Final = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in SCALARS)


def _add_sql(table: str) -> str:
    """Add figures to cells, in the order of the key."""
    return f"""
INSERT INTO {table} AS t (dimension, day, key, product, {", ".join(SCALARS)}, hours)
SELECT dimension, day, key, product, {", ".join(SCALARS)}, CAST(hours AS integer[])
FROM unnest($1::smallint[], $2::date[], $3::text[], $4::smallint[], $5::int[], $6::int[],
    $7::int[], $8::int[], $9::int[], $10::int[], $11::int[], $12::bigint[], $13::text[])
    AS d (dimension, day, key, product, {", ".join(SCALARS)}, hours)
ORDER BY dimension, day, key, product
ON CONFLICT (dimension, day, key, product) DO UPDATE SET {_SUMS},
    hours = CASE WHEN excluded.hours IS NULL THEN t.hours WHEN t.hours IS NULL THEN excluded.hours
        ELSE (SELECT array_agg(a + b ORDER BY n)
            FROM unnest(t.hours, excluded.hours) WITH ORDINALITY AS u (a, b, n)) END
"""


_ADD: Final[Mapping[str, str]] = {name: _add_sql(name) for name in (DAILY, MONTHLY)}

_GROUPS: Final[Mapping[str, str]] = {
    "key": "key",
    "product": "product",
    "day": "day",
    "origin": "split_part(key, '>', 1)",
    "destination": "split_part(key, '>', 2)",
}
_FILTERS: Final[Mapping[str, str]] = {
    "product": "product = :product",
    "key": "key = :key",
    "origin": "split_part(key, '>', 1) = :origin",
    "destination": "split_part(key, '>', 2) = :destination",
}


@cache
def _totals_sql(table: str, group: str, given: frozenset[str]) -> TextClause:
    """Sums, and those of the buckets of hours; what is not asked for is not written.

    Plain conditions, so that the primary key finds a lane's days; and the buckets one by one, which
    takes a sixth of the time of `unnest`.
    """
    sums = ", ".join(f"sum({name})::bigint" for name in SCALARS)
    hours = ", ".join(f"coalesce(sum(hours[{n}]), 0)::bigint" for n in range(1, BUCKETS + 1))
    where = " AND ".join(
        ("dimension = :dimension AND day >= :start AND day < :end", *(_FILTERS[g] for g in given))
    )
    return text(
        f"SELECT ({_GROUPS[group]})::text, {sums}, {hours} FROM {table} WHERE {where} GROUP BY 1"
    )


def _by_county_sql(table: str) -> TextClause:
    sums = ", ".join(f"sum({name})::bigint" for name in SCALARS)
    dimensions = f"({int(Dimension.COUNTY)}, {int(Dimension.DESTINATION)})"
    return text(
        f"SELECT dimension, key, product, {sums} FROM {table} WHERE dimension IN {dimensions}"
        " AND day >= :start AND day < :end GROUP BY dimension, key, product"
    )


_BY_COUNTY: Final = {table: _by_county_sql(table) for table in (DAILY, MONTHLY)}

_OF: Final = " AND ".join(
    f"(CAST(:{name} AS {kind}) IS NULL OR c.{column} = :{name})"
    for name, column, kind in (
        ("product", "product", "smallint"),
        ("channel", "channel", "smallint"),
        ("direction", "direction", "smallint"),
        ("office", "office", "int"),
        ("county", "origin", "text"),
        ("destination", "destination", "text"),
    )
)
_ENDED: Final = "c.ended_on >= :start AND c.ended_on < :end"
_MEASURES: Final[Mapping[str, str]] = {
    "accepted": "c.accepted_on >= :start AND c.accepted_on < :end",
    **{status.wire: f"{_ENDED} AND c.outcome = {int(status)}" for status in sorted(ENDED)},
    "promised": f"{_ENDED} AND c.within IS NOT NULL",
    "within_promise": f"{_ENDED} AND c.within",
    "late": f"{_ENDED} AND NOT c.within",
}


def _items_sql(measure: str) -> tuple[TextClause, TextClause]:
    """The ranges of ids in which the items lie, and a page of them along the primary key."""
    where = f"{measure} AND {_OF}"
    return (
        text(
            "SELECT min(item_id) AS first, max(item_id) AS last FROM item_contribution c"
            f" WHERE {where} GROUP BY item_id / {SLOT} ORDER BY 1"
        ),
        text(f"""
SELECT item.*, p.status, p.accepted_at, p.ended_at, p.promised_at
FROM unnest(CAST(:firsts AS bigint[]), CAST(:lasts AS bigint[])) AS r (first, last)
CROSS JOIN LATERAL (
    SELECT c.item_id, c.product, c.channel, c.direction, c.office, c.origin, c.destination,
        c.minutes, c.within
    FROM item_contribution c
    WHERE c.item_id BETWEEN r.first AND r.last AND {where} ORDER BY c.item_id LIMIT :limit
) AS item JOIN parcel p ON p.item_id = item.item_id
ORDER BY item.item_id LIMIT :limit
"""),
    )


_ITEMS: Final = {name: _items_sql(where) for name, where in _MEASURES.items()}


async def lock(connection: asyncpg.Connection) -> None:
    """Only who holds this writes roll-ups and contributions, until the transaction ends."""
    await connection.execute("SELECT FROM statistics_state FOR UPDATE")


async def lives(connection: asyncpg.Connection, ranges: Collection[range]) -> list[int]:
    """The items that bear these S10 numbers, or bore them."""
    rows = await connection.fetch(
        _LIVES, [one.start for one in ranges], [one.stop for one in ranges]
    )
    return [row["item_id"] for row in rows]


async def places(connection: asyncpg.Connection) -> Places:
    rows = await connection.fetch("SELECT id, county, province, town, town_name FROM office")
    return Places(Office(*row) for row in rows)


async def facts(
    connection: asyncpg.Connection, items: Sequence[int]
) -> list[tuple[int, Fact, Contribution | None]]:
    """Items as they are now, and what they count as until now."""
    found: list[tuple[int, Fact, Contribution | None]] = []
    for record in await connection.fetch(_FACTS, items):
        row = tuple(record)
        counted = row[_FACT_END:]
        known = None if counted[0] is None else Contribution._make(counted)
        found.append((row[0], Fact._make(row[1:_FACT_END]), known))
    return found


async def keep(
    connection: asyncpg.Connection, changed: Sequence[tuple[int, Contribution | None]]
) -> None:
    """What items count as from now on; None is nothing."""
    gone = [item_id for item_id, what in changed if what is None]
    if gone:
        await connection.execute("DELETE FROM item_contribution WHERE item_id = ANY($1)", gone)
    rows = sorted((item_id, *what) for item_id, what in changed if what is not None)
    if rows:
        await connection.execute(_KEEP, *(list(column) for column in zip(*rows, strict=True)))


async def add(connection: asyncpg.Connection, table: str, found: Mapping[Cell, Figures]) -> None:
    """Apply differences to one of the two roll-ups."""
    if not found:
        return
    scalars = len(SCALARS)
    rows = [
        (*cell, *figures[:scalars], _array(figures[scalars:])) for cell, figures in found.items()
    ]
    await connection.execute(_ADD[table], *(list(column) for column in zip(*rows, strict=True)))


def _array(hours: Sequence[int]) -> str | None:
    """As PostgreSQL writes it: arrays of arrays cannot be sent."""
    return f"{{{','.join(map(str, hours))}}}" if any(hours) else None


async def totals(
    session: AsyncSession, table: str, wanted: View, start: date, end: date
) -> dict[str, Total]:
    """Figures of [start, end) by the view's group, as text; those that are all nought left out."""
    asked: dict[str, Any] = {"dimension": int(wanted.dimension), "start": start, "end": end}
    names = ("product", "key") if wanted.key is not None else ("product", "origin", "destination")
    given = {name: one for name in names if (one := getattr(wanted, name)) is not None}
    rows = await session.execute(_totals_sql(table, wanted.group, frozenset(given)), asked | given)
    scalars = len(SCALARS)
    return {
        group: Total(
            **dict(zip(SCALARS, figures[:scalars], strict=True)), hours=tuple(figures[scalars:])
        )
        for group, *figures in rows
        if any(figures)
    }


async def by_county(
    session: AsyncSession, table: str, start: date, end: date
) -> dict[tuple[int, str, int], Total]:
    """Figures of [start, end), without their hours, by dimension, county and product."""
    rows = await session.execute(_BY_COUNTY[table], {"start": start, "end": end})
    return {
        (dimension, key, product): Total(**dict(zip(SCALARS, scalars, strict=True)))
        for dimension, key, product, *scalars in rows
        if any(scalars)
    }


async def ranges(
    session: AsyncSession, measure: Measure, filters: Filters, start: date, end: date
) -> list[Range]:
    """The ids between which the items of a figure lie, a range for each slot that has some."""
    asked = {**asdict(filters), "start": start, "end": end}
    found = await session.execute(_ITEMS[measure][0], asked)
    return [Range(row.first, row.last) for row in found]


async def items(
    session: AsyncSession,
    measure: Measure,
    filters: Filters,
    days: tuple[date, date],
    within: Sequence[Range],
    limit: int,
) -> Sequence[Row[Any]]:
    """By item id; one row more than the page has, to know of the next."""
    asked = {
        **asdict(filters),
        "start": days[0],
        "end": days[1],
        "firsts": [one.first for one in within],
        "lasts": [one.last for one in within],
        "limit": limit + 1,
    }
    return (await session.execute(_ITEMS[measure][1], asked)).all()


async def step(connection: asyncpg.Connection, limit: int) -> list[int] | None:
    """The next items to be counted again, under the lock; None where nothing is to be."""
    since = await connection.fetchval("SELECT recount_from FROM statistics_state")
    if since is None:
        return None
    rows = await connection.fetch(
        "SELECT item_id FROM parcel WHERE item_id >= $1 ORDER BY item_id LIMIT $2", since, limit
    )
    return [row["item_id"] for row in rows]


async def go_on(connection: asyncpg.Connection, since: int | None) -> None:
    await connection.execute("UPDATE statistics_state SET recount_from = $1", since)


async def caught_up(connection: asyncpg.Connection, at: datetime) -> None:
    await connection.execute("UPDATE statistics_state SET as_of = greatest(as_of, $1)", at)


async def as_of(session: AsyncSession) -> datetime | None:
    """Null while what was there before is still being counted."""
    found = await session.execute(
        text("SELECT as_of FROM statistics_state WHERE recount_from IS NULL AND NOT recount_tasks")
    )
    at: datetime | None = found.scalar()
    return at
