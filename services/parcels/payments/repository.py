"""SQL of payment orders; a bank sees those that it fetched."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.payees.models import Payee
from services.parcels.payments.models import BankTrace, PaymentOrder, PaymentOrderStep

Shown = Row[PaymentOrder, str, str]
"""An order with its Sheba and that account's holder."""


async def lock(
    session: AsyncSession, order_id: UUID, *, bank: UUID | None = None
) -> PaymentOrder | None:
    """For a bank, one of its own."""
    query = select(PaymentOrder).where(PaymentOrder.id == order_id)
    if bank is not None:
        query = query.where(PaymentOrder.bank == bank)
    return await session.scalar(query.with_for_update())


async def lock_references(
    session: AsyncSession, bank: UUID, references: Collection[str]
) -> dict[str, PaymentOrder]:
    """A bank's orders by reference, locked in the order of their ids."""
    query = (
        select(PaymentOrder)
        .where(PaymentOrder.reference.in_(references), PaymentOrder.bank == bank)
        .order_by(PaymentOrder.id)
        .with_for_update()
    )
    return {order.reference: order for order in await session.scalars(query)}


async def lock_prepared(session: AsyncSession, limit: int) -> Sequence[PaymentOrder]:
    """The oldest that nobody else fetches just now."""
    query = (
        select(PaymentOrder)
        .where(PaymentOrder.status == "prepared")
        .order_by(PaymentOrder.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def lock_unanswered(
    session: AsyncSession, before: datetime, limit: int
) -> Sequence[PaymentOrder]:
    """Fetched before a time and not answered; those that are being answered are left."""
    query = (
        select(PaymentOrder)
        .where(PaymentOrder.status == "fetched", PaymentOrder.fetched_at < before)
        .order_by(PaymentOrder.fetched_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def lock_expiring(session: AsyncSession, now: datetime, limit: int) -> Sequence[PaymentOrder]:
    """Prepared with a time that has passed; those that are being fetched are left."""
    query = (
        select(PaymentOrder)
        .where(PaymentOrder.status == "prepared", PaymentOrder.expires_at <= now)
        .order_by(PaymentOrder.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def claim_trace(session: AsyncSession, order: PaymentOrder, trace: str, kind: str) -> bool:
    """Whether the bank's trace number is this order's now, or was."""
    mine = {"payment_order": order.id, "kind": kind}
    await session.execute(
        insert(BankTrace)
        .values(bank=order.bank, trace_number=trace, **mine)
        .on_conflict_do_nothing()
    )
    found = await session.scalar(
        select(BankTrace.payment_order).where(
            BankTrace.bank == order.bank,
            BankTrace.trace_number == trace,
            BankTrace.payment_order == order.id,
            BankTrace.kind == kind,
        )
    )
    return found is not None


async def add_step(session: AsyncSession, order: PaymentOrder, by: str, at: datetime) -> None:
    """Of the state that the order is in now."""
    session.add(
        PaymentOrderStep(
            payment_order=order.id,
            version=order.version,
            status=order.status,
            decided_by=by,
            note=order.reason,
            decided_at=at,
        )
    )


def _shown() -> Select[PaymentOrder, str, str]:
    return select(PaymentOrder, Payee.sheba, Payee.holder_name).join(
        Payee, Payee.id == PaymentOrder.payee
    )


async def show(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Shown]:
    """By id, so the oldest first."""
    query = _shown().where(PaymentOrder.id.in_(ids)).order_by(PaymentOrder.id)
    return (await session.execute(query)).all()


async def steps(session: AsyncSession, order_id: UUID) -> Sequence[PaymentOrderStep]:
    query = (
        select(PaymentOrderStep)
        .where(PaymentOrderStep.payment_order == order_id)
        .order_by(PaymentOrderStep.version)
    )
    return (await session.scalars(query)).all()


@dataclass(frozen=True, slots=True)
class Filter:
    """`bank`: of a bank that asks for its own."""

    status: str | None = None
    beneficiary: UUID | None = None
    bank: UUID | None = None


async def listing(
    session: AsyncSession, wanted: Filter, after: UUID | None, limit: int
) -> Sequence[Shown]:
    """Oldest first."""
    query = _shown().order_by(PaymentOrder.id).limit(limit)
    for name in ("status", "beneficiary", "bank"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(PaymentOrder, name) == value)
    if after is not None:
        query = query.where(PaymentOrder.id > after)
    return (await session.execute(query)).all()
