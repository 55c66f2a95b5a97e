"""SQL of settlements; a partner sees its own."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.payments.models import PaymentOrder
from services.parcels.settlements.models import CodSettlement

_DUE = text("""
SELECT DISTINCT partner FROM cod_taking
WHERE place = 3 AND (CAST(:after AS uuid) IS NULL OR partner > :after)
ORDER BY partner LIMIT :limit
""")


async def new_mark(session: AsyncSession) -> UUID:
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made


async def due_partners(session: AsyncSession, after: UUID | None, limit: int) -> list[UUID]:
    found = await session.execute(_DUE, {"after": after, "limit": limit})
    return list(found.scalars())


async def lock(session: AsyncSession, order: UUID) -> CodSettlement | None:
    query = select(CodSettlement).where(CodSettlement.payment_order == order)
    return await session.scalar(query.with_for_update())


async def own(
    session: AsyncSession, partner: UUID, after: UUID | None, limit: int
) -> Sequence[Row[CodSettlement, PaymentOrder]]:
    """Newest first, each with its payment order."""
    query = (
        select(CodSettlement, PaymentOrder)
        .join(PaymentOrder, PaymentOrder.id == CodSettlement.payment_order)
        .where(CodSettlement.partner == partner)
        .order_by(CodSettlement.payment_order.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(CodSettlement.payment_order < after)
    return (await session.execute(query)).all()
