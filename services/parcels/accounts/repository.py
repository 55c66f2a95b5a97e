"""SQL of postage accounts, payments and limits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.accounts.models import CreditLimit, PostagePayment
from services.parcels.postage.models import PostageAccount
from services.parcels.vocabulary import Payer


async def accounts(session: AsyncSession, partner: UUID) -> Sequence[PostageAccount]:
    statement = (
        select(PostageAccount)
        .where(PostageAccount.partner == partner)
        .order_by(PostageAccount.kind)
    )
    return (await session.scalars(statement)).all()


async def listing(
    session: AsyncSession, after: tuple[UUID, int] | None, limit: int
) -> Sequence[PostageAccount]:
    """By partner and kind."""
    key = (PostageAccount.partner, PostageAccount.kind)
    statement = select(PostageAccount).order_by(*key).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple_(*after))
    return (await session.scalars(statement)).all()


async def lock_account(session: AsyncSession, partner: UUID, kind: Payer) -> PostageAccount | None:
    statement = (
        select(PostageAccount)
        .where(PostageAccount.partner == partner, PostageAccount.kind == int(kind))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return await session.scalar(statement)


async def payment(session: AsyncSession, payment_id: UUID) -> PostagePayment | None:
    return await session.get(PostagePayment, payment_id)


async def reversal_of(session: AsyncSession, payment_id: UUID) -> UUID | None:
    statement = select(PostagePayment.id).where(PostagePayment.reverses == payment_id)
    return await session.scalar(statement)


async def known(session: AsyncSession, method: str, reference: str) -> UUID | None:
    statement = select(PostagePayment.id).where(
        PostagePayment.method == method, PostagePayment.reference == reference
    )
    return await session.scalar(statement)


async def payments(
    session: AsyncSession, partner: UUID, after: UUID | None, limit: int
) -> Sequence[PostagePayment]:
    """Newest first."""
    statement = (
        select(PostagePayment)
        .where(PostagePayment.partner == partner)
        .order_by(PostagePayment.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(PostagePayment.id < after)
    return (await session.scalars(statement)).all()


async def last_limit(session: AsyncSession, partner: UUID) -> int:
    """How many limits have been set for the partner."""
    statement = select(func.coalesce(func.max(CreditLimit.seq), 0)).where(
        CreditLimit.partner == partner
    )
    found: int = (await session.execute(statement)).scalar_one()
    return found


async def limits(
    session: AsyncSession, partner: UUID, after: int | None, limit: int
) -> Sequence[CreditLimit]:
    """Newest first."""
    statement = (
        select(CreditLimit)
        .where(CreditLimit.partner == partner)
        .order_by(CreditLimit.seq.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(CreditLimit.seq < after)
    return (await session.scalars(statement)).all()
