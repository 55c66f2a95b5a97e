"""Use case of the counts."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.counts import repository
from services.complaints.counts.schemas import OpenCounts


async def of_office(session: AsyncSession, office: str) -> OpenCounts:
    row = await repository.of_office(session, office)
    return OpenCounts(open=row.open, unanswered=row.unanswered, oldest_filed_at=row.oldest_filed_at)
