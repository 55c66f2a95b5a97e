"""SQL of the overviews. Each is bounded by one partner's or one office's rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from services.parcels.cod.domain import Place
from services.parcels.vocabulary import Status

_BOOKED_SQL: Final = """
SELECT product, status, count(*) AS count,
    count(*) FILTER (WHERE ended_at IS NOT NULL AND promised_at IS NOT NULL
        AND status <> $4) AS judged,
    count(*) FILTER (WHERE ended_at <= promised_at AND status <> ALL ($5::smallint[])) AS kept,
    count(*) FILTER (WHERE ended_at IS NULL AND promised_at < $6 AND status <> $4) AS overdue
FROM parcel WHERE partner = $1 AND booked_at >= $2 AND booked_at < $3
GROUP BY product, status ORDER BY product, status
"""


async def booked(
    pool: asyncpg.Pool, partner: UUID, since: datetime, until: datetime, now: datetime
) -> Sequence[asyncpg.Record]:
    """A partner's bookings of [since, until), by product and status."""
    none_kept = [int(Status.LOST), int(Status.DESTROYED), int(Status.CANCELLED)]
    found: Sequence[asyncpg.Record] = await pool.fetch(
        _BOOKED_SQL, partner, since, until, int(Status.CANCELLED), none_kept, now
    )
    return found


_CASH_SQL: Final = """
SELECT place, sum(amount_rials)::bigint AS rials FROM cod_taking
WHERE partner = $1 AND place = ANY ($2::smallint[]) GROUP BY place
"""
UNPAID: Final = (Place.COURIER, Place.OFFICE, Place.DUE, Place.ORDERED)


async def cash(pool: asyncpg.Pool, partner: UUID) -> dict[int, int]:
    """What was taken for a partner and is not paid, by where it is."""
    rows = await pool.fetch(_CASH_SQL, partner, [int(place) for place in UNPAID])
    return {row["place"]: row["rials"] for row in rows}


_OFFICE_SQL: Final = """
SELECT count(*) AS waiting, count(*) FILTER (WHERE until < $2) AS too_long,
    (SELECT coalesce(sum(amount_rials), 0)::bigint FROM cod_taking
        WHERE office = $1 AND place = 2) AS drawer
FROM holding WHERE office = $1
"""


async def office(pool: asyncpg.Pool, office_id: int, now: datetime) -> asyncpg.Record:
    return await pool.fetchrow(_OFFICE_SQL, office_id, now)
