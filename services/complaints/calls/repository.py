"""SQL of the contact centre."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.calls.errors import CallUnknown
from services.complaints.calls.models import Call, CallCase, CallPerson
from services.complaints.cases.domain import CaseId, case_number
from services.complaints.cases.models import Case, Complainant

SHOWN_MAX: Final = 50


async def find(session: AsyncSession, call_id: int, *, lock: bool = False) -> Call:
    query = select(Call).where(Call.id == call_id)
    if lock:
        query = query.with_for_update()
    call = (await session.execute(query)).scalar_one_or_none()
    if call is None:
        raise CallUnknown
    return call


async def phones(session: AsyncSession, calls: Collection[int]) -> dict[int, str]:
    query = select(CallPerson.call_id, CallPerson.phone).where(CallPerson.call_id.in_(calls))
    return {row.call_id: row.phone for row in await session.execute(query)}


async def cases_of(session: AsyncSession, calls: Collection[int]) -> dict[int, list[str]]:
    """The numbers of the cases of each call."""
    query = (
        select(CallCase.call_id, Case.year, Case.id)
        .join(Case, Case.id == CallCase.case_id)
        .where(CallCase.call_id.in_(calls))
        .order_by(Case.id)
    )
    found: dict[int, list[str]] = {}
    for call_id, year, serial in (await session.execute(query)).all():
        found.setdefault(call_id, []).append(case_number(CaseId(year, serial)))
    return found


async def has_case(session: AsyncSession, call_id: int, case_id: int) -> bool:
    return await session.get(CallCase, (call_id, case_id)) is not None


async def listing(
    session: AsyncSession, operator: str | None, before: int | None, limit: int
) -> Sequence[Call]:
    """The newest first."""
    query = select(Call).order_by(Call.id.desc()).limit(limit)
    if operator is not None:
        query = query.where(Call.operator == operator)
    if before is not None:
        query = query.where(Call.id < before)
    return (await session.execute(query)).scalars().all()


async def calls_from(session: AsyncSession, phone: str) -> Sequence[Call]:
    query = (
        select(Call)
        .join(CallPerson, CallPerson.call_id == Call.id)
        .where(CallPerson.phone == phone)
        .order_by(Call.id.desc())
        .limit(SHOWN_MAX)
    )
    return (await session.execute(query)).scalars().all()


async def cases_from(session: AsyncSession, phone: str) -> Sequence[Case]:
    """Cases that somebody with this number filed or was joined to."""
    own = select(Complainant.case_id).where(Complainant.phone == phone)
    query = select(Case).where(Case.id.in_(own)).order_by(Case.id.desc()).limit(SHOWN_MAX)
    return (await session.execute(query)).scalars().all()
