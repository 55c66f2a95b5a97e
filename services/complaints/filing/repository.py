"""SQL of filing: one at a time about a parcel, and the case that is open already."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.cases import repository as cases
from services.complaints.cases.domain import MESSAGES_MAX
from services.complaints.cases.models import Case

JOIN_LOCK: Final = 0x5053_0501


async def lock_parcel(session: AsyncSession, barcode: str) -> None:
    """Until the transaction ends: of two first complaints of a parcel one joins the other."""
    key = func.hashtext(barcode)
    await session.execute(select(func.pg_advisory_xact_lock(JOIN_LOCK, key)))


async def first_open(session: AsyncSession, barcode: str) -> Case | None:
    """The oldest open case about a parcel that has room for more, whole and locked."""
    query = (
        select(Case.id)
        .where(Case.barcode == barcode, Case.kind == "parcel", Case.status != "closed")
        .where(Case.message_count < MESSAGES_MAX)
        .order_by(Case.id)
        .limit(1)
    )
    case_id = (await session.execute(query)).scalar_one_or_none()
    if case_id is None:
        return None
    case = await cases.whole(session, case_id)
    # somebody may have closed it, or written, before we had its lock
    return case if case.status != "closed" and case.message_count < MESSAGES_MAX else None
