"""SQL of counted cash. Amounts and places of takings: cod.repository."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.drawers.models import DrawerClose, HandIn


async def add_hand_in(session: AsyncSession, hand_in: HandIn) -> bool:
    """False, and nothing done, where the office gave this receipt number before."""
    return await _add(session, hand_in)


async def add_close(session: AsyncSession, close: DrawerClose) -> bool:
    """False, and nothing done, where the office closed this day before."""
    return await _add(session, close)


async def _add(session: AsyncSession, row: HandIn | DrawerClose) -> bool:
    values = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    statement = insert(type(row)).values(values).on_conflict_do_nothing().returning(type(row).id)
    return (await session.execute(statement)).scalar() is not None


async def last_closed(session: AsyncSession, office: int) -> date | None:
    return await session.scalar(
        select(func.max(DrawerClose.day)).where(DrawerClose.office == office)
    )


async def closes(
    session: AsyncSession, office: int, before: date | None, limit: int
) -> Sequence[DrawerClose]:
    """Newest first."""
    query = select(DrawerClose).where(DrawerClose.office == office)
    if before is not None:
        query = query.where(DrawerClose.day < before)
    return (await session.scalars(query.order_by(DrawerClose.day.desc()).limit(limit))).all()


async def hand_ins(
    session: AsyncSession, office: int, after: str | None, limit: int
) -> Sequence[HandIn]:
    """By receipt number, as the office's book has them."""
    query = select(HandIn).where(HandIn.office == office)
    if after is not None:
        query = query.where(HandIn.receipt > after)
    return (await session.scalars(query.order_by(HandIn.receipt).limit(limit))).all()


async def new_id(session: AsyncSession) -> UUID:
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made
