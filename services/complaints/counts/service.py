"""Use case of the counts."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.counts import repository
from services.complaints.counts.schemas import OpenCounts
from shared.errors import Invalid


async def still_open(session: AsyncSession, office: str | None, partner: UUID | None) -> OpenCounts:
    """About an office, or filed by a partner: one of the two."""
    if (office is None) == (partner is None):
        raise Invalid.field("query.office", "name an office or a partner, one of the two")
    row = await repository.still_open(session, office, None if partner is None else str(partner))
    return OpenCounts(open=row.open, unanswered=row.unanswered, oldest_filed_at=row.oldest_filed_at)
