"""SQL of a complainant's own data."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.calls.models import Call, CallCase, CallPerson
from services.complaints.cases.models import Complainant
from services.complaints.privacy.models import Erasure

PARTS_MAX: Final = 100


async def parts_of(session: AsyncSession, phone: str) -> Sequence[tuple[int, int]]:
    """(case, party) of everyone with this number, a hundred at most, by case."""
    query = (
        select(Complainant.case_id, Complainant.party)
        .where(Complainant.phone == phone)
        .order_by(Complainant.case_id, Complainant.party)
        .limit(PARTS_MAX)
    )
    return [(case_id, party) for case_id, party in (await session.execute(query)).all()]


async def erasure(session: AsyncSession, case_id: int, party: int) -> Erasure | None:
    return await session.get(Erasure, (case_id, party))


async def forget(session: AsyncSession, case_id: int, party: int) -> None:
    """The person's row, and the words: the owner's function alone may blank these."""
    own = (Complainant.case_id == case_id, Complainant.party == party)
    await session.execute(delete(Complainant).where(*own))
    blank = text("SELECT case_erase(:case_id, CAST(:party AS smallint))")
    await session.execute(blank, {"case_id": case_id, "party": party})


async def calls_about(
    session: AsyncSession, phone: str, case_ids: Collection[int]
) -> Sequence[tuple[int, int, datetime]]:
    """(call, case, begin) of calls from a number during which these cases were filed."""
    query = (
        select(Call.id, CallCase.case_id, Call.started_at)
        .join(CallCase, CallCase.call_id == Call.id)
        .join(CallPerson, CallPerson.call_id == Call.id)
        .where(CallPerson.phone == phone, CallCase.case_id.in_(case_ids))
        .order_by(Call.id)
    )
    return [(call, case, at) for call, case, at in (await session.execute(query)).all()]


async def calls_from(session: AsyncSession, phone: str) -> Sequence[int]:
    query = select(CallPerson.call_id).where(CallPerson.phone == phone).order_by(CallPerson.call_id)
    return (await session.execute(query)).scalars().all()


async def forget_calls(session: AsyncSession, calls: Collection[int]) -> None:
    """Whose they were, and what was noted of them."""
    await session.execute(delete(CallPerson).where(CallPerson.call_id.in_(calls)))
    await session.execute(update(Call).where(Call.id.in_(calls)).values(note=None))
