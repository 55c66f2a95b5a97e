"""SQL of directions: written where items cross the border, and for those only."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg

from services.parcels.directions.domain import direction
from services.parcels.vocabulary import Direction, Event

INBOUND: Final = UUID(int=0)
"""The owner of items that came from another post."""

_CROSSED_SQL: Final = f"""
SELECT p.item_id, p.partner = $2 AS came, EXISTS (SELECT FROM item_event e
    WHERE e.item_id = p.item_id AND e.event = {int(Event.HANDED_OVER)} AND NOT e.flagged) AS went
FROM parcel p WHERE p.item_id = ANY($1)
"""

_SAVE_SQL: Final = """
INSERT INTO item_direction (item_id, direction)
SELECT * FROM unnest($1::bigint[], $2::smallint[])
ON CONFLICT (item_id) DO UPDATE SET direction = excluded.direction
"""

_INCOMING_SQL: Final = f"""
INSERT INTO item_direction (item_id, direction)
SELECT item_id, {int(Direction.INCOMING)} FROM unnest($1::bigint[]) AS i (item_id)
ON CONFLICT DO NOTHING
"""


async def incoming(connection: asyncpg.Connection, items: Sequence[int]) -> None:
    """Items that begin by coming from another post."""
    await connection.execute(_INCOMING_SQL, items)


async def find_out(connection: asyncpg.Connection, items: Sequence[int]) -> None:
    """Write the directions of items whose hand-overs have changed, under their locks."""
    rows = await connection.fetch(_CROSSED_SQL, items, INBOUND)
    found = {row["item_id"]: direction(came=row["came"], went=row["went"]) for row in rows}
    crossing = {item: int(way) for item, way in sorted(found.items()) if way is not None}
    await connection.execute(
        "DELETE FROM item_direction WHERE item_id = ANY($1)",
        [item for item, way in found.items() if way is None],
    )
    await connection.execute(_SAVE_SQL, list(crossing), list(crossing.values()))
