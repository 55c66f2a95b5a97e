"""SQL of the counts."""

from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

_OFFICE_SQL: Final = text("""
SELECT count(*) AS open, count(*) FILTER (WHERE answered_at IS NULL) AS unanswered,
    min(filed_at) AS oldest_filed_at
FROM complaint_case WHERE office = :office AND status <> 'closed'
""")


async def of_office(session: AsyncSession, office: str) -> Row[Any]:
    return (await session.execute(_OFFICE_SQL, {"office": office})).one()
