"""SQL of bags as they are shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class Filter:
    from_office: int | None = None
    to_office: int | None = None
    status: int | None = None
    dispatch: UUID | None = None


_LIST_SQL: Final = """
SELECT b.*, (SELECT count(*) FROM bag_member m
    WHERE m.bag = b.id AND m.until_at = 'infinity') AS items
FROM bag b
WHERE ($1::int IS NULL OR from_office = $1) AND ($2::int IS NULL OR to_office = $2)
    AND ($3::smallint IS NULL OR status = $3) AND ($4::uuid IS NULL OR dispatch = $4)
    AND ($5::bigint IS NULL OR id < $5)
ORDER BY id DESC LIMIT $6
"""


async def listing(
    connection: asyncpg.Connection, wanted: Filter, after: int | None, limit: int
) -> list[asyncpg.Record]:
    """Newest first."""
    found: list[asyncpg.Record] = await connection.fetch(
        _LIST_SQL,
        wanted.from_office,
        wanted.to_office,
        wanted.status,
        wanted.dispatch,
        after,
        limit,
    )
    return found


async def get(connection: asyncpg.Connection, bag: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "SELECT b.*, (SELECT count(*) FROM bag_member m WHERE m.bag = b.id"
        " AND m.until_at = 'infinity') AS items FROM bag b WHERE id = $1",
        bag,
    )


async def history(connection: asyncpg.Connection, bag: int) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await connection.fetch(
        "SELECT event, event_id, office, seal, trip, at AS occurred_at, recorded_at, flagged"
        " FROM bag_event WHERE bag = $1 ORDER BY at, event, event_id LIMIT 1000",
        bag,
    )
    return found


async def remarks(connection: asyncpg.Connection, bag: int) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await connection.fetch(
        "SELECT event_id, kind, recorded_at FROM bag_discrepancy WHERE bag = $1"
        " ORDER BY recorded_at, event_id, kind LIMIT 1000",
        bag,
    )
    return found


async def members(
    connection: asyncpg.Connection, bag: int, after: tuple[int, datetime] | None, limit: int
) -> list[asyncpg.Record]:
    """By item and time; all that ever were in the bag."""
    item, since = after or (-1, None)
    found: list[asyncpg.Record] = await connection.fetch(
        "SELECT item_id, from_at, nullif(until_at, 'infinity') AS until_at FROM bag_member"
        " WHERE bag = $1 AND (item_id, from_at) > ($2, coalesce($3::timestamptz, '-infinity'))"
        " ORDER BY item_id, from_at LIMIT $4",
        bag,
        item,
        since,
        limit,
    )
    return found
