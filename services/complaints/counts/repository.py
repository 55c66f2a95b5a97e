"""SQL of the counts."""

from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

_OPEN_SQL: Final = text("""
SELECT count(*) AS open, count(*) FILTER (WHERE answered_at IS NULL) AS unanswered,
    min(filed_at) AS oldest_filed_at
FROM complaint_case WHERE closed_at IS NULL
    AND (office = CAST(:office AS text) OR partner = CAST(:partner AS text))
""")


async def still_open(session: AsyncSession, office: str | None, partner: str | None) -> Row[Any]:
    """About an office, or filed by a partner."""
    return (await session.execute(_OPEN_SQL, {"office": office, "partner": partner})).one()
