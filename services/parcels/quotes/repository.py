"""SQL of held quotes; a partner sees its own only."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.quotes.domain import Held, consignment
from services.parcels.quotes.models import Quote
from services.parcels.quotes.schemas import QuoteRequest
from services.parcels.tariff.domain import Distance
from shared.database import Database

FORGET_ROWS: Final = 5_000

_HELD_SQL: Final = """
SELECT id, version, price_rials, distance, asked, held_until FROM quote
WHERE id = ANY($1::uuid[]) AND partner = $2
"""


async def held(database: Database, partner: UUID, ids: Collection[UUID]) -> dict[UUID, Held]:
    """Of these quotes the partner's own, expired ones too."""
    rows = await database.hot.fetch(_HELD_SQL, list(ids), partner)
    return {
        row["id"]: Held(
            row["id"],
            row["version"],
            row["price_rials"],
            Distance(row["distance"]),
            consignment(QuoteRequest.model_validate_json(row["asked"])),
            row["held_until"],
        )
        for row in rows
    }


async def get_own(session: AsyncSession, partner: UUID, quote_id: UUID) -> Quote | None:
    statement = select(Quote).where(Quote.id == quote_id, Quote.partner == partner)
    return await session.scalar(statement)


async def forget(session: AsyncSession, before: datetime) -> int:
    """Delete quotes held until before then, `FORGET_ROWS` at most; how many there were."""
    result = await session.execute(
        text(
            "DELETE FROM quote WHERE id IN (SELECT id FROM quote WHERE held_until < :before"
            " ORDER BY held_until LIMIT :limit) RETURNING 1"
        ),
        {"before": before, "limit": FORGET_ROWS},
    )
    return len(result.all())
