"""SQL of tracking: one statement on asyncpg, an item with its events in their order.

Of an item that was in a bag a second one, with the bag's events among its own: the others do not
pay for looking through bags.
"""

from collections.abc import Sequence
from typing import Final

import asyncpg

from shared.database import Database

TRACK_SQL: Final = """
SELECT p.item_id, p.product, p.status, p.booked_at, p.promised_at, p.updated_at,
    EXISTS (SELECT FROM bag_member m WHERE m.item_id = p.item_id) AS bagged,
    e.event, e.office, least(e.occurred_at, e.recorded_at + interval '5 min') AS at
FROM parcel p LEFT JOIN scan_event e ON e.item_id = p.item_id AND NOT e.flagged
WHERE p.item_id = $1
ORDER BY at, e.event, e.event_id
"""

_TRACK_BAGGED_SQL: Final = TRACK_SQL.replace("scan_event", "item_event")

_TRACK_MANY_SQL: Final = _TRACK_BAGGED_SQL.replace("= $1", "= ANY($1)").replace(
    "ORDER BY at", "ORDER BY p.item_id, at"
)

_HISTORY_SQL: Final = """
SELECT p.product, p.status, p.partner, p.origin_office, p.booked_at, p.version,
    e.event, e.event_id, e.office, e.recorded_at,
    least(e.occurred_at, e.recorded_at + interval '5 min') AS at
FROM parcel p LEFT JOIN item_event e ON e.item_id = p.item_id AND NOT e.flagged
WHERE p.item_id = $1
ORDER BY at, e.event, e.event_id
"""


async def track(database: Database, item_id: int) -> list[asyncpg.Record]:
    """A row an event (one with nulls where there is none yet); empty where there is no item."""
    rows: list[asyncpg.Record] = await database.hot.fetch(TRACK_SQL, item_id)
    if rows and rows[0]["bagged"]:
        rows = await database.hot.fetch(_TRACK_BAGGED_SQL, item_id)
    return rows


async def track_many(database: Database, items: Sequence[int]) -> dict[int, list[asyncpg.Record]]:
    found: dict[int, list[asyncpg.Record]] = {}
    for row in await database.hot.fetch(_TRACK_MANY_SQL, items):
        found.setdefault(row["item_id"], []).append(row)
    return found


async def history(database: Database, item_id: int) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await database.hot.fetch(_HISTORY_SQL, item_id)
    return rows


async def item_of_alias(database: Database, code: str) -> int | None:
    item_id: int | None = await database.hot.fetchval(
        "SELECT item_id FROM item_alias WHERE code = $1", code
    )
    return item_id


async def newest_life(database: Database, lives: range) -> int | None:
    item_id: int | None = await database.hot.fetchval(
        "SELECT max(item_id) FROM parcel WHERE item_id >= $1 AND item_id < $2",
        lives.start,
        lives.stop,
    )
    return item_id
