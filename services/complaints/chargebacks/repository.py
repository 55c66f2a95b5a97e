"""SQL of charges back to offices; an office sees its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.chargebacks.domain import Status
from services.complaints.chargebacks.models import ChargeBack, ChargeBackStep

_PAID: Final = text("SELECT id, amount_rials FROM payout WHERE claim = :claim AND status = 'paid'")


async def new_id(session: AsyncSession) -> UUID:
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made


async def add(session: AsyncSession, *rows: ChargeBack | ChargeBackStep) -> None:
    session.add_all(rows)
    await session.flush()


async def of_payout(session: AsyncSession, payout: UUID) -> ChargeBack | None:
    """The one that stands, locked."""
    query = select(ChargeBack).where(
        ChargeBack.payout == payout, ChargeBack.status.not_in(("lifting", "lifted"))
    )
    return await session.scalar(query.with_for_update())


async def paid(session: AsyncSession, claim: UUID) -> list[tuple[UUID, int]]:
    """A claim's payouts that were paid and did not come back, with their rials."""
    rows = await session.execute(_PAID, {"claim": claim})
    return [(row.id, row.amount_rials) for row in rows]


async def stands(session: AsyncSession, claim: UUID) -> bool:
    """Whether some office bears some of it."""
    query = select(ChargeBack.id).where(
        ChargeBack.claim == claim, ChargeBack.status.not_in(("lifting", "lifted"))
    )
    return await session.scalar(query.limit(1)) is not None


async def lock(
    session: AsyncSession, charge_back: UUID, *, office: str | None = None
) -> ChargeBack | None:
    """For an office, one of its own."""
    query = select(ChargeBack).where(ChargeBack.id == charge_back)
    if office is not None:
        query = query.where(ChargeBack.office == office)
    return await session.scalar(query.with_for_update())


async def due(session: AsyncSession, now: datetime, limit: int) -> Sequence[ChargeBack]:
    query = (
        select(ChargeBack)
        .where(ChargeBack.deduct_at <= now)
        .order_by(ChargeBack.deduct_at, ChargeBack.id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def steps(session: AsyncSession, charge_back: UUID) -> Sequence[ChargeBackStep]:
    query = (
        select(ChargeBackStep)
        .where(ChargeBackStep.charge_back == charge_back)
        .order_by(ChargeBackStep.version)
    )
    return (await session.scalars(query)).all()


@dataclass(frozen=True, slots=True)
class Filter:
    office: str | None = None
    status: Status | None = None


async def listing(
    session: AsyncSession, wanted: Filter, before: UUID | None, limit: int
) -> Sequence[ChargeBack]:
    """Newest first."""
    query = select(ChargeBack).order_by(ChargeBack.id.desc()).limit(limit)
    for name in ("office", "status"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(ChargeBack, name) == value)
    if before is not None:
        query = query.where(ChargeBack.id < before)
    return (await session.scalars(query)).all()
