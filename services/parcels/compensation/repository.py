"""SQL of compensation: what a claim is computed from, and the natural key of its orders."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.compensation.models import CompensationOrder
from services.parcels.payees.models import Payee
from services.parcels.payments.models import PaymentOrder

# the newest taking that was not reversed: one delivery, one taking
_FACTS = text("""
SELECT p.item_id, p.partner, p.product, p.channel, p.status, p.version, p.price_rials,
    p.declared_value_rials, p.cod_rials, p.origin_office, p.booked_at, p.accepted_at, p.promised_at,
    p.ended_at, p.backfill, t.place, t.taken_at
FROM parcel p LEFT JOIN LATERAL (
    SELECT place, taken_at FROM cod_taking c WHERE c.item_id = p.item_id AND c.place <> 6
    ORDER BY taking DESC LIMIT 1
) t ON true
WHERE p.item_id = :item
""")


async def facts(session: AsyncSession, item_id: int) -> Row[Any] | None:
    return (await session.execute(_FACTS, {"item": item_id})).one_or_none()


async def claim_key(session: AsyncSession, claim: UUID, transfer: int, order: UUID) -> bool:
    """Whether this order is the transfer's now; waits for whoever orders the same just now."""
    values = {"claim": claim, "transfer": transfer, "payment_order": order}
    statement = insert(CompensationOrder).values(**values).on_conflict_do_nothing()
    made = await session.execute(statement.returning(CompensationOrder.payment_order))
    return made.scalar() is not None


async def ordered(
    session: AsyncSession, claim: UUID, transfer: int
) -> Row[PaymentOrder, str] | None:
    """The transfer's order with its Sheba."""
    query = (
        select(PaymentOrder, Payee.sheba)
        .join(CompensationOrder, CompensationOrder.payment_order == PaymentOrder.id)
        .join(Payee, Payee.id == PaymentOrder.payee)
        .where(CompensationOrder.claim == claim, CompensationOrder.transfer == transfer)
    )
    return (await session.execute(query)).one_or_none()


async def payee_of(session: AsyncSession, claim: UUID, sheba: str, on: date) -> UUID | None:
    """A claim's payee of this account that holds on a day."""
    query = (
        select(Payee.id)
        .where(Payee.partner == claim, Payee.sheba == sheba, Payee.valid_from <= on)
        .order_by(Payee.id.desc())
        .limit(1)
    )
    return await session.scalar(query)
