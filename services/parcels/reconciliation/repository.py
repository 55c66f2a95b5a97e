"""SQL of reconciliations: a partner's day, along its journal's index."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.postage.domain import Kind
from shared.database import Database

ROWS: Final = 2_000
_COD: Final = f"""
CASE e.kind WHEN {int(Kind.DELIVERED)} THEN p.cod_rials
    WHEN {int(Kind.DELIVERY_UNDONE)} THEN -p.cod_rials ELSE 0 END
"""

_SUMS = text(f"""
SELECT e.kind, e.payer, count(*) AS entries, sum(e.amount_rials)::bigint AS amount_rials,
    sum(e.vat_rials)::bigint AS vat_rials, sum({_COD})::bigint AS cod_rials
FROM partner_entry e JOIN parcel p USING (item_id)
WHERE e.partner = :partner AND e.day = :day GROUP BY e.kind, e.payer ORDER BY e.kind, e.payer
""")

_ROWS: Final = f"""
SELECT e.item_id, e.kind, e.seq, e.payer, e.amount_rials, e.vat_rials, {_COD} AS cod_rials,
    e.occurred_at, e.recorded_at, p.reference, p.product
FROM partner_entry e JOIN parcel p USING (item_id)
WHERE e.partner = $1 AND e.day = $2 AND (e.item_id, e.kind, e.seq) > ($3, $4, $5)
ORDER BY e.item_id, e.kind, e.seq LIMIT {ROWS}
"""

_AS_OF = text("""
SELECT f.time FROM feed_cursor c JOIN feed f ON f.position = c.position
WHERE c.consumer = 'parcels.accounts'
""")


async def sums(session: AsyncSession, partner: UUID, day: date) -> Sequence[Row[Any]]:
    return (await session.execute(_SUMS, {"partner": partner, "day": day})).all()


async def as_of(session: AsyncSession) -> datetime | None:
    at: datetime | None = (await session.execute(_AS_OF)).scalar()
    return at


async def rows(
    database: Database, partner: UUID, day: date, after: tuple[int, int, int]
) -> list[asyncpg.Record]:
    """The next `ROWS` entries after item, kind and number."""
    found: list[asyncpg.Record] = await database.hot.fetch(_ROWS, partner, day, *after)
    return found
