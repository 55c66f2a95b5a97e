"""SQL of decisions on refunds."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.refunds.models import RefundDecision

_PROPOSED: Final = text("""
SELECT r.item_id, r.amount_rials, p.status FROM refund_proposal r JOIN parcel p USING (item_id)
WHERE r.item_id = ANY(:items) AND r.recomputation = :run
""")


async def proposed(
    session: AsyncSession, items: Collection[int], run: UUID
) -> dict[int, tuple[int, int]]:
    """By item: what was proposed, and the item's status."""
    rows = await session.execute(_PROPOSED, {"items": list(items), "run": run})
    return {row.item_id: (row.amount_rials, row.status) for row in rows}


async def decided(session: AsyncSession, items: Collection[int], run: UUID) -> set[int]:
    statement = select(RefundDecision.item_id).where(
        RefundDecision.item_id.in_(items), RefundDecision.recomputation == run
    )
    return set(await session.scalars(statement))


async def add(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await session.execute(insert(RefundDecision), list(rows))


async def listing(
    session: AsyncSession, after: tuple[int, UUID] | None, limit: int
) -> Sequence[RefundDecision]:
    """By item id."""
    key = (RefundDecision.item_id, RefundDecision.recomputation)
    statement = select(RefundDecision).order_by(*key).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple_(*after))
    return (await session.scalars(statement)).all()
