"""The one statement that counts a try; it commits by itself, whatever becomes of the try."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.throttles.models import Throttle
from shared.database import Database

_COUNT: Final = """
INSERT INTO throttle AS t (what, key, window_s, window_start, count) VALUES ($1, $2, $3, $4, 1)
ON CONFLICT (what, key, window_s, window_start) DO UPDATE SET count = t.count + 1
RETURNING count
"""


async def count(database: Database, what: str, key: bytes, window_s: int, start: datetime) -> int:
    return int(await database.hot.fetchval(_COUNT, what, key, window_s, start))


async def forget(session: AsyncSession, before: datetime, limit: int) -> int:
    old = (
        select(Throttle.what, Throttle.key, Throttle.window_s, Throttle.window_start)
        .where(Throttle.window_start < before)
        .limit(limit)
    )
    key = (Throttle.what, Throttle.key, Throttle.window_s, Throttle.window_start)
    from_table = delete(Throttle).where(tuple_(*key).in_(old)).returning(Throttle.what)
    return len((await session.execute(from_table)).all())
