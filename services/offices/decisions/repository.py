"""All SQL of decisions."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.offices.decisions.models import Decision


async def get(session: AsyncSession, decision_id: UUID) -> Decision | None:
    statement = select(Decision).where(Decision.id == decision_id)
    return await session.scalar(statement.options(selectinload(Decision.outcome)))


async def history(session: AsyncSession, subject_id: UUID) -> Sequence[Decision]:
    """All decisions of a subject, in the order they were made."""
    statement = select(Decision).where(Decision.subject_id == subject_id)
    statement = statement.options(selectinload(Decision.outcome)).order_by(Decision.seq)
    return (await session.scalars(statement)).all()


async def listing(
    session: AsyncSession, subject_id: UUID, *, after: int | None, limit: int
) -> Sequence[Decision]:
    statement = select(Decision).where(Decision.subject_id == subject_id)
    if after is not None:
        statement = statement.where(Decision.seq > after)
    statement = statement.options(selectinload(Decision.outcome)).order_by(Decision.seq)
    return (await session.scalars(statement.limit(limit))).all()


async def item_is_used(session: AsyncSession, item_id: UUID) -> bool:
    statement = select(Decision.id).where(Decision.item_id == item_id)
    return await session.scalar(statement) is not None
