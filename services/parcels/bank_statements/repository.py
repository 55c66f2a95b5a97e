"""SQL of bank statements."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.bank_statements.models import BankStatement, BankStatementLine
from services.parcels.payments.models import PaymentOrder
from shared.calendar import day_start

MISSING_MAX = 200


async def begin(session: AsyncSession, values: Mapping[str, Any]) -> UUID | None:
    """The new statement's id; None where the bank has one of this day."""
    statement = (
        upsert(BankStatement)
        .values(id=func.uuidv7(), **values)
        .on_conflict_do_nothing()
        .returning(BankStatement.id)
    )
    found: UUID | None = (await session.execute(statement)).scalar()
    return found


async def add_lines(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await session.execute(insert(BankStatementLine), list(rows))


async def of_day(session: AsyncSession, bank: UUID, day: date) -> BankStatement | None:
    return await session.scalar(
        select(BankStatement).where(BankStatement.bank == bank, BankStatement.day == day)
    )


async def get(session: AsyncSession, statement: UUID) -> BankStatement | None:
    return await session.get(BankStatement, statement)


async def days(session: AsyncSession, bank: UUID, wanted: Collection[date]) -> set[date]:
    """Those of the days that the bank has stated."""
    found = await session.scalars(
        select(BankStatement.day).where(BankStatement.bank == bank, BankStatement.day.in_(wanted))
    )
    return set(found)


async def names(session: AsyncSession, order: UUID) -> bool:
    """Whether any line is about this order."""
    query = select(BankStatementLine.n).where(BankStatementLine.payment_order == order).limit(1)
    return await session.scalar(query) is not None


async def lines(session: AsyncSession, statement: UUID) -> Sequence[BankStatementLine]:
    query = (
        select(BankStatementLine)
        .where(BankStatementLine.statement == statement)
        .order_by(BankStatementLine.n)
    )
    return (await session.scalars(query)).all()


async def missing(session: AsyncSession, bank: UUID, day: date) -> Sequence[PaymentOrder]:
    """Up to `MISSING_MAX` orders that the bank confirmed that day and never stated."""
    stated = select(BankStatementLine.n).where(
        BankStatementLine.payment_order == PaymentOrder.id, BankStatementLine.kind == "paid"
    )
    query = (
        select(PaymentOrder)
        .where(
            PaymentOrder.bank == bank,
            PaymentOrder.trace_number.is_not(None),
            PaymentOrder.answered_at >= day_start(day),
            PaymentOrder.answered_at < day_start(day + timedelta(days=1)),
            ~stated.exists(),
        )
        .order_by(PaymentOrder.answered_at, PaymentOrder.id)
        .limit(MISSING_MAX)
    )
    return (await session.scalars(query)).all()


async def listing(
    session: AsyncSession, bank: UUID | None, after: tuple[UUID, date] | None, limit: int
) -> Sequence[BankStatement]:
    """By bank, each one's days in order."""
    key = (BankStatement.bank, BankStatement.day)
    query = select(BankStatement).order_by(*key).limit(limit)
    if bank is not None:
        query = query.where(BankStatement.bank == bank)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return (await session.scalars(query)).all()
