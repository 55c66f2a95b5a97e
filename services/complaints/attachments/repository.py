"""SQL of attachments, and who may see which."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.attachments.models import Attachment
from services.complaints.cases.repository import Found


async def visible(session: AsyncSession, found: Found) -> Sequence[Attachment]:
    """All for staff; a complainant's own, and what staff put there for all."""
    query = select(Attachment).where(Attachment.case_id == found.case.id).order_by(Attachment.id)
    rows = (await session.execute(query)).scalars().all()
    if found.party is None:
        return rows
    return [
        row for row in rows if row.party == found.party or (row.party is None and not row.internal)
    ]


async def of_party(session: AsyncSession, case_id: int, party: int) -> Sequence[Attachment]:
    query = select(Attachment).where(
        Attachment.case_id == case_id, Attachment.party == party, Attachment.erased_at.is_(None)
    )
    return (await session.execute(query)).scalars().all()


async def known(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those with a row whose bytes are to be there."""
    query = select(Attachment.id).where(Attachment.id.in_(ids), Attachment.erased_at.is_(None))
    return set((await session.execute(query)).scalars())


async def new_id(session: AsyncSession) -> UUID:
    """Grows with time, so that lists are in order."""
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made
