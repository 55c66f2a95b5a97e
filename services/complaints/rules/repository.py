"""SQL of the rules of compensation."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.rules.models import CompensationRules

PUBLISHING: Final = 0x5053_0301


async def in_force(session: AsyncSession, on: date) -> CompensationRules | None:
    query = (
        select(CompensationRules)
        .where(CompensationRules.valid_from <= on)
        .order_by(CompensationRules.valid_from.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def get(session: AsyncSession, code: str) -> CompensationRules | None:
    return await session.get(CompensationRules, code)


async def same(session: AsyncSession, code: str, valid_from: date) -> CompensationRules | None:
    query = select(CompensationRules).where(
        (CompensationRules.code == code) | (CompensationRules.valid_from == valid_from)
    )
    return await session.scalar(query.limit(1))


async def listing(
    session: AsyncSession, after: date | None, limit: int
) -> Sequence[CompensationRules]:
    """The latest first."""
    query = select(CompensationRules).order_by(CompensationRules.valid_from.desc()).limit(limit)
    if after is not None:
        query = query.where(CompensationRules.valid_from < after)
    return (await session.scalars(query)).all()


async def add(session: AsyncSession, rules: CompensationRules) -> None:
    session.add(rules)
    await session.flush()


async def lock(session: AsyncSession) -> None:
    """One publishes at a time."""
    await session.execute(select(func.pg_advisory_xact_lock(PUBLISHING)))
