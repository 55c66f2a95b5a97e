"""SQL of items due and of breaches. Writers come one at a time, see `lock`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import Row, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking.models import Parcel
from services.parcels.breaches.models import PromiseBreach

KEEPER_LOCK: Final = 0x5053_0012

# Only over what was read: an item that a scan changed meanwhile is told of again, and comes again.
# Locked in the order of ids, as scans do.
_MOVE_SQL: Final = """
WITH wanted AS (
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[])
        AS w (item_id, was, accepted_at, promised_at)
), held AS MATERIALIZED (
    SELECT p.item_id, w.promised_at FROM parcel p JOIN wanted w USING (item_id)
    WHERE p.promised_at = w.was AND p.accepted_at IS NOT DISTINCT FROM w.accepted_at
    ORDER BY p.item_id FOR NO KEY UPDATE OF p
)
UPDATE parcel p SET promised_at = h.promised_at, version = p.version + 1,
    updated_at = greatest(p.updated_at, $5)
FROM held h WHERE p.item_id = h.item_id
RETURNING p.item_id, p.version
"""
_DUES_SQL: Final = """
SELECT item_id, promised_at, pausing, paused, breached FROM promise_due WHERE item_id = ANY($1)
"""
_SAVE_DUES_SQL: Final = """
INSERT INTO promise_due AS d (item_id, office, promised_at, pausing, paused, breached, risk_told)
SELECT *, false, false
FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::bool[], $5::bool[])
ON CONFLICT (item_id) DO UPDATE SET promised_at = excluded.promised_at,
    pausing = excluded.pausing, paused = excluded.paused,
    breached = d.breached AND d.promised_at = excluded.promised_at AND NOT excluded.paused,
    risk_told = d.risk_told AND d.promised_at = excluded.promised_at
"""
_OVERDUE_SQL: Final = """
SELECT item_id FROM promise_due WHERE promised_at < $1 AND NOT paused AND NOT breached
ORDER BY promised_at LIMIT $2
"""
_COMING_SQL: Final = """
SELECT promised_at, item_id FROM promise_due
WHERE (promised_at, item_id) > ($1, $2::bigint) AND promised_at < $3
    AND NOT paused AND NOT breached AND NOT risk_told
ORDER BY promised_at, item_id LIMIT $4
"""
# a promise is breached once; withdrawn and found again, it is told again
_BREACH_SQL: Final = """
INSERT INTO promise_breach AS b (item_id, promised_at, partner, found_at)
SELECT *, $4 FROM unnest($1::bigint[], $2::timestamptz[], $3::uuid[])
ON CONFLICT (item_id, promised_at) DO UPDATE
    SET withdrawn_at = NULL, found_at = excluded.found_at WHERE b.withdrawn_at IS NOT NULL
RETURNING item_id
"""
_WITHDRAW_SQL: Final = """
UPDATE promise_breach b SET withdrawn_at = $3
FROM unnest($1::bigint[], $2::timestamptz[]) AS k (item_id, promised_at)
WHERE b.item_id = k.item_id AND b.withdrawn_at IS NULL
    AND b.promised_at IS DISTINCT FROM k.promised_at
RETURNING b.item_id, b.promised_at
"""
_SWEEP_SQL: Final = """
SELECT s.id, s.since, s.at_item, s.office IS NULL AS everywhere, o.id AS office
FROM promise_sweep s LEFT JOIN office o ON o.code = s.office ORDER BY s.id LIMIT 1
"""
_SWEPT_SQL: Final = """
(SELECT item_id FROM promise_due
    WHERE item_id > $1 AND promised_at >= $2 AND ($3 OR office = $4) ORDER BY item_id LIMIT $5)
UNION
(SELECT item_id FROM promise_breach
    WHERE item_id > $1 AND promised_at >= $2 AND withdrawn_at IS NULL ORDER BY item_id LIMIT $5)
ORDER BY item_id LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Due:
    promised_at: datetime
    pausing: bool
    paused: bool
    breached: bool


class Coming(NamedTuple):
    """An item under way, in the order in which promises run out."""

    promised_at: datetime
    item_id: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """A change on its way through the items; `office` None with `everywhere` False: unknown."""

    id: int
    since: datetime
    at_item: int
    everywhere: bool
    office: int | None


async def lock(connection: asyncpg.Connection) -> None:
    """One writer of promises at a time.

    Else one that knew the calendar before a change could write what the sweep has passed by.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1)", KEEPER_LOCK)


async def world(connection: asyncpg.Connection) -> str:
    """Names the world: a database each."""
    name: str = await connection.fetchval("SELECT current_database()")
    return name


async def dues(connection: asyncpg.Connection, items: Collection[int]) -> dict[int, Due]:
    rows = await connection.fetch(_DUES_SQL, list(items)) if items else []
    return {row[0]: Due(*list(row)[1:]) for row in rows}


async def move(
    connection: asyncpg.Connection, rows: Sequence[tuple[Any, ...]], now: datetime
) -> dict[int, int]:
    """New promises over items as they were read; the new version of each that was still so.

    Rows: item id, promised before, accepted at, promised now.
    """
    if not rows:
        return {}
    found = await connection.fetch(_MOVE_SQL, *_columns(rows), now)
    return {row["item_id"]: row["version"] for row in found}


async def save_dues(connection: asyncpg.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows: item id, office, promised at, pausing, paused."""
    if rows:
        await connection.execute(_SAVE_DUES_SQL, *_columns(rows))


async def forget_dues(connection: asyncpg.Connection, items: Collection[int]) -> None:
    if items:
        await connection.execute("DELETE FROM promise_due WHERE item_id = ANY($1)", list(items))


async def overdue(connection: asyncpg.Connection, now: datetime, limit: int) -> list[int]:
    return [row["item_id"] for row in await connection.fetch(_OVERDUE_SQL, now, limit)]


async def coming(
    connection: asyncpg.Connection, after: Coming, before: datetime, limit: int
) -> list[Coming]:
    """Items whose promises run out next, of which nothing was told yet."""
    rows = await connection.fetch(_COMING_SQL, *after, before, limit)
    return [Coming(*row) for row in rows]


async def note_risks(connection: asyncpg.Connection, items: Collection[int]) -> list[int]:
    """The items of which it was not noted before."""
    rows = await connection.fetch(
        "UPDATE promise_due SET risk_told = true WHERE item_id = ANY($1) AND NOT risk_told"
        " RETURNING item_id",
        sorted(items),
    )
    return [row["item_id"] for row in rows]


async def breach(
    connection: asyncpg.Connection, rows: Sequence[tuple[Any, ...]], now: datetime
) -> set[int]:
    """Note breaches; those that are news. Rows: item id, promised at, partner."""
    if not rows:
        return set()
    columns = _columns(rows)
    await connection.execute(
        "UPDATE promise_due SET breached = true WHERE item_id = ANY($1)", columns[0]
    )
    return {row["item_id"] for row in await connection.fetch(_BREACH_SQL, *columns, now)}


async def withdraw(
    connection: asyncpg.Connection, rows: Sequence[tuple[Any, ...]], now: datetime
) -> list[tuple[int, datetime]]:
    """Take back breaches of other promises than the one that still counts, if one does.

    Rows: item id, promised at or None.
    """
    if not rows:
        return []
    found = await connection.fetch(_WITHDRAW_SQL, *_columns(rows), now)
    return [(row["item_id"], row["promised_at"]) for row in found]


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """In the order of item ids."""
    return [list(column) for column in zip(*sorted(rows, key=lambda row: row[0]), strict=True)]


async def sweep(connection: asyncpg.Connection) -> Sweep | None:
    """The oldest that is not through."""
    row = await connection.fetchrow(_SWEEP_SQL)
    return None if row is None else Sweep(*row)


async def swept(connection: asyncpg.Connection, sweep: Sweep, limit: int) -> list[int]:
    """The next items that it concerns."""
    rows = await connection.fetch(
        _SWEPT_SQL, sweep.at_item, sweep.since, sweep.everywhere, sweep.office, limit
    )
    return [row["item_id"] for row in rows]


async def advance(connection: asyncpg.Connection, sweep: Sweep, at_item: int | None) -> None:
    """To an item, or None: to the end."""
    if at_item is None:
        await connection.execute("DELETE FROM promise_sweep WHERE id = $1", sweep.id)
    else:
        await connection.execute(
            "UPDATE promise_sweep SET at_item = $2 WHERE id = $1", sweep.id, at_item
        )


async def listing(
    session: AsyncSession,
    partner: UUID | None,
    after: tuple[int, datetime] | None,
    limit: int,
) -> Sequence[Row[PromiseBreach, Parcel]]:
    """By item id, each with its parcel; withdrawn ones too."""
    key = (PromiseBreach.item_id, PromiseBreach.promised_at)
    statement = (
        select(PromiseBreach, Parcel)
        .join(Parcel, Parcel.item_id == PromiseBreach.item_id)
        .order_by(*key)
        .limit(limit)
    )
    if partner is not None:
        statement = statement.where(PromiseBreach.partner == partner)
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple_(*after))
    return (await session.execute(statement)).all()
