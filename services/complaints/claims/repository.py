"""SQL of claims, and who may see which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.claims.domain import Status
from services.complaints.claims.models import (
    Claim,
    ClaimApproval,
    ClaimItem,
    ClaimPayee,
    ClaimStep,
)
from services.complaints.rules.domain import Cause

_COMMITTED: Final = text("""
SELECT coalesce(sum(amount_rials), 0)::bigint FROM payout
WHERE barcode = :barcode AND status IN ('pending', 'unknown', 'paid')
""")
_BEFORE: Final = text("""
SELECT coalesce(sum(amount_rials), 0)::bigint FROM payout
WHERE barcode = :barcode AND cause = :cause AND status IN ('pending', 'unknown', 'paid')
""")


async def new_id(session: AsyncSession) -> UUID:
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made


async def lock_item(session: AsyncSession, barcode: str, now: datetime) -> None:
    """The parcel's row, made where it is not: whoever decides about its claims waits here."""
    await session.execute(
        insert(ClaimItem).values(barcode=barcode, recorded_at=now).on_conflict_do_nothing()
    )
    await session.execute(
        select(ClaimItem.barcode).where(ClaimItem.barcode == barcode).with_for_update()
    )


async def barcode_of(session: AsyncSession, claim_id: UUID) -> str | None:
    return await session.scalar(select(Claim.barcode).where(Claim.id == claim_id))


async def lock(session: AsyncSession, claim_id: UUID) -> Claim | None:
    """After the parcel's row."""
    query = select(Claim).where(Claim.id == claim_id).with_for_update()
    return await session.scalar(query.execution_options(populate_existing=True))


async def get(session: AsyncSession, claim_id: UUID) -> Claim | None:
    return await session.get(Claim, claim_id)


async def standing(session: AsyncSession, barcode: str, cause: Cause) -> Claim | None:
    """The claim of a parcel and cause that was not declined; under the parcel's lock."""
    query = select(Claim).where(
        Claim.barcode == barcode,
        Claim.cause == cause,
        Claim.supplements.is_(None),
        Claim.status != "declined",
    )
    return await session.scalar(query.with_for_update())


async def count(session: AsyncSession, barcode: str) -> int:
    """A parcel's claims, declined ones too."""
    query = select(func.count()).select_from(Claim).where(Claim.barcode == barcode)
    return (await session.execute(query)).scalar_one()


async def of_item(session: AsyncSession, barcode: str, cause: Cause) -> Sequence[Claim]:
    """All that stand, supplements too, locked."""
    query = (
        select(Claim)
        .where(Claim.barcode == barcode, Claim.cause == cause, Claim.status != "declined")
        .order_by(Claim.id)
        .with_for_update()
    )
    return (await session.scalars(query)).all()


async def supplement_of(session: AsyncSession, claim_id: UUID) -> Claim | None:
    query = select(Claim).where(Claim.supplements == claim_id, Claim.status != "declined")
    return await session.scalar(query)


async def committed_rials(session: AsyncSession, barcode: str) -> int:
    """What all live payments of a parcel take of its cap."""
    found: int = (await session.execute(_COMMITTED, {"barcode": barcode})).scalar_one()
    return found


async def paid_before_rials(session: AsyncSession, barcode: str, cause: Cause) -> int:
    values = {"barcode": barcode, "cause": cause}
    found: int = (await session.execute(_BEFORE, values)).scalar_one()
    return found


async def due_lookups(session: AsyncSession, now: datetime, limit: int) -> list[tuple[UUID, str]]:
    """Claims whose parcel is to be asked about, the longest due first."""
    query = (
        select(Claim.id, Claim.barcode)
        .where(Claim.lookup_at <= now)
        .order_by(Claim.lookup_at)
        .limit(limit)
    )
    return [(row.id, row.barcode) for row in await session.execute(query)]


async def payee(session: AsyncSession, claim_id: UUID) -> ClaimPayee | None:
    return await session.get(ClaimPayee, claim_id, populate_existing=True)


async def set_payee(session: AsyncSession, values: ClaimPayee) -> None:
    await session.merge(values)
    await session.flush()


async def steps(session: AsyncSession, claim_id: UUID) -> Sequence[ClaimStep]:
    query = select(ClaimStep).where(ClaimStep.claim == claim_id).order_by(ClaimStep.version)
    return (await session.scalars(query)).all()


async def approvals(session: AsyncSession, claim_id: UUID) -> Sequence[ClaimApproval]:
    query = (
        select(ClaimApproval)
        .where(ClaimApproval.claim == claim_id)
        .order_by(ClaimApproval.round, ClaimApproval.approved_at, ClaimApproval.approver)
    )
    return (await session.scalars(query)).all()


async def approve(session: AsyncSession, approval: ClaimApproval) -> int:
    """How many have approved this proposal by now."""
    values = {
        "claim": approval.claim,
        "round": approval.round,
        "approver": approval.approver,
        "amount_rials": approval.amount_rials,
        "approved_at": approval.approved_at,
    }
    await session.execute(insert(ClaimApproval).values(values).on_conflict_do_nothing())
    query = select(func.count()).where(
        ClaimApproval.claim == approval.claim, ClaimApproval.round == approval.round
    )
    return (await session.execute(query)).scalar_one()


async def add(session: AsyncSession, *rows: Claim | ClaimStep) -> None:
    session.add_all(rows)
    await session.flush()


@dataclass(frozen=True, slots=True)
class Filter:
    """`partner`: of a partner that asks for its own."""

    status: Status | None = None
    barcode: str | None = None
    partner: UUID | None = None


async def listing(
    session: AsyncSession, wanted: Filter, before: UUID | None, limit: int
) -> Sequence[Claim]:
    """Newest first."""
    query = select(Claim).order_by(Claim.id.desc()).limit(limit)
    for name in ("status", "barcode", "partner"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Claim, name) == value)
    if before is not None:
        query = query.where(Claim.id < before)
    return (await session.scalars(query)).all()
