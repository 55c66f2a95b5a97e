"""SQL of payees."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.payees.models import Payee


async def new_id(session: AsyncSession) -> UUID:
    """Grows with time: of two for one day, the later registered holds."""
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made


async def in_force(
    session: AsyncSession, partners: Collection[UUID], on: date
) -> dict[UUID, Payee]:
    """By partner, the account that holds on a day."""
    statement = (
        select(Payee)
        .ext(distinct_on(Payee.partner))
        .where(Payee.partner.in_(partners), Payee.valid_from <= on)
        .order_by(Payee.partner, Payee.valid_from.desc(), Payee.id.desc())
    )
    return {payee.partner: payee for payee in await session.scalars(statement)}


async def hold(session: AsyncSession, partner: UUID) -> None:
    """Until the end of the transaction: of two who say a partner's first account one waits."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"payee/{partner}"))))


async def listing(
    session: AsyncSession, partner: UUID | None, after: tuple[UUID, date, UUID] | None, limit: int
) -> Sequence[Payee]:
    """By partner, the accounts of one as they follow each other."""
    key = (Payee.partner, Payee.valid_from, Payee.id)
    statement = select(Payee).order_by(*key).limit(limit)
    if partner is not None:
        statement = statement.where(Payee.partner == partner)
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple_(*after))
    return (await session.scalars(statement)).all()
