"""SQL of liability."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.liability.models import Liability


async def entries(session: AsyncSession, case_id: int) -> Sequence[Liability]:
    """The first first. Who adds one holds the case's lock."""
    query = select(Liability).where(Liability.case_id == case_id).order_by(Liability.nth)
    return (await session.execute(query)).scalars().all()
