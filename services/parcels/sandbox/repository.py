"""SQL of the scripted lives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from services.parcels.cod.domain import Place
from services.parcels.sandbox.domain import SUFFIXES
from services.parcels.vocabulary import TERMINAL

_PATTERN: Final = f"-({'|'.join(SUFFIXES)})$"


@dataclass(frozen=True, slots=True)
class Scripted:
    """An item whose reference scripts its life; `known`: the events that it has."""

    item_id: int
    reference: str
    origin_office: int | None
    to_town: str | None
    booked_at: datetime
    promised_at: datetime | None
    known: frozenset[UUID]


_LIVING_SQL: Final = """
SELECT p.item_id, p.reference, p.origin_office, p.to_town, p.booked_at, p.promised_at,
    ARRAY(SELECT s.event_id FROM scan_event s WHERE s.item_id = p.item_id) AS known
FROM parcel p
WHERE p.booked_at > $1 AND p.item_id > $2 AND p.reference ~* $3 AND p.status <> ALL ($4::smallint[])
ORDER BY p.item_id LIMIT $5
"""


async def living(
    connection: asyncpg.Connection, since: datetime, after: int, limit: int
) -> list[Scripted]:
    """Those booked since, that have not come to an end, by their ids."""
    ended = [int(status) for status in TERMINAL]
    rows = await connection.fetch(_LIVING_SQL, since, after, _PATTERN, ended, limit)
    return [Scripted(**{**row, "known": frozenset(row["known"])}) for row in rows]


_SHORT_SQL: Final = """
SELECT t.item_id, t.office, t.taken_at FROM cod_taking t JOIN parcel p ON p.item_id = t.item_id
WHERE t.place = $1 AND t.reversed_at IS NULL AND p.reference ~* '-COD-SHORT$'
ORDER BY t.item_id LIMIT $2
"""


async def short(connection: asyncpg.Connection, limit: int) -> Sequence[asyncpg.Record]:
    """Takings in offices' drawers that are to be counted short."""
    found: Sequence[asyncpg.Record] = await connection.fetch(_SHORT_SQL, int(Place.OFFICE), limit)
    return found
