"""SQL of payouts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.claims.models import Claim, ClaimPayee
from services.complaints.payouts.domain import LIVE
from services.complaints.payouts.models import Payout

TRANSFERS_MAX: Final = 100


async def new_id(session: AsyncSession) -> UUID:
    """Grows with time: it will be the payment order's, and banks fetch the oldest first."""
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made


async def add(session: AsyncSession, payout: Payout) -> None:
    session.add(payout)
    await session.flush()


async def of_claim(session: AsyncSession, claim: UUID) -> Sequence[Payout]:
    query = select(Payout).where(Payout.claim == claim).order_by(Payout.transfer)
    return (await session.scalars(query)).all()


async def live(session: AsyncSession, claim: Claim) -> Payout | None:
    """What the index would refuse besides: under the parcel's lock it says so first."""
    query = select(Payout).where(
        Payout.barcode == claim.barcode, Payout.cause == claim.cause, Payout.status.in_(LIVE)
    )
    if claim.supplements is None:
        query = query.where(Payout.supplements.is_(None))
    else:
        query = query.where(Payout.claim == claim.id)
    return await session.scalar(query.limit(1))


async def live_of(session: AsyncSession, claim: UUID) -> Payout | None:
    query = select(Payout).where(Payout.claim == claim, Payout.status.in_(LIVE))
    return await session.scalar(query.limit(1))


async def lock(session: AsyncSession, payout: UUID) -> Payout | None:
    """After its claim."""
    query = select(Payout).where(Payout.id == payout).with_for_update()
    return await session.scalar(query.execution_options(populate_existing=True))


async def claims_of(
    session: AsyncSession, payouts: Collection[UUID]
) -> list[tuple[str, UUID, UUID]]:
    """Barcode, claim and payout of those that are ours, in the order of locks."""
    query = (
        select(Payout.barcode, Payout.claim, Payout.id)
        .where(Payout.id.in_(payouts))
        .order_by(Payout.barcode, Payout.claim, Payout.id)
    )
    return [(row.barcode, row.claim, row.id) for row in await session.execute(query)]


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be sent to parcels."""

    payout: Payout
    claim: Claim
    payee: ClaimPayee


async def due(session: AsyncSession, now: datetime, limit: int) -> list[Due]:
    query = (
        select(Payout, Claim, ClaimPayee)
        .join(Claim, Claim.id == Payout.claim)
        .join(ClaimPayee, ClaimPayee.claim == Payout.claim)
        .where(Payout.send_at <= now)
        .order_by(Payout.send_at, Payout.id)
        .limit(limit)
    )
    rows: Sequence[Row[Payout, Claim, ClaimPayee]] = (await session.execute(query)).all()
    return [Due(*row) for row in rows]
