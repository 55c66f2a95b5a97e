"""SQL of verification."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database


async def recipient_phone(session: AsyncSession, item_id: int) -> str | None:
    found = await session.execute(
        text("SELECT recipient_phone FROM parcel_party WHERE item_id = :item_id"),
        {"item_id": item_id},
    )
    phone: str | None = found.scalar()
    return phone


async def count_try(database: Database, item_id: int, day: date, tries_max: int) -> bool:
    """Count a try by a transaction of its own, since a refusal rolls back; False: no more."""
    counted = await database.hot.fetchval(
        "INSERT INTO recipient_try AS t (item_id, day, tries) VALUES ($1, $2, 1)"
        " ON CONFLICT (item_id, day) DO UPDATE SET tries = t.tries + 1 WHERE t.tries < $3"
        " RETURNING true",
        item_id,
        day,
        tries_max,
    )
    return counted is not None


async def forgive(session: AsyncSession, item_id: int, day: date) -> None:
    """A try that was right does not count."""
    await session.execute(
        text("UPDATE recipient_try SET tries = tries - 1 WHERE item_id = :item_id AND day = :day"),
        {"item_id": item_id, "day": day},
    )
