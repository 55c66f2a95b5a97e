"""All SQL of the cases, and who may see which."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.complaints.cases import domain
from services.complaints.cases.domain import CaseId, Status
from services.complaints.cases.errors import CaseUnknown
from services.complaints.cases.models import Case
from shared.calendar import Period

NUMBERS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Access:
    """How someone comes to a case: as staff, or with what may be its secret."""

    staff: bool
    secret: str | None = None


async def find(
    session: AsyncSession, number: CaseId, access: Access, *, lock: bool = False
) -> Case:
    """The whole case, its row locked if asked; to a stranger it is absent."""
    query = select(Case).where(Case.id == number.serial, Case.year == number.year)
    if lock:
        query = query.with_for_update()
    whole = (selectinload(Case.messages), selectinload(Case.complainant))
    query = query.options(*whole, selectinload(Case.snapshot))
    case = (await session.execute(query)).scalar_one_or_none()
    if case is None or not _may_see(case, access):
        raise CaseUnknown
    return case


def _may_see(case: Case, access: Access) -> bool:
    if access.staff:
        return True
    return access.secret is not None and domain.opens(access.secret, case.secret_hash)


async def add(session: AsyncSession, case: Case) -> None:
    """Insert; the case has its number from here on."""
    session.add(case)
    await session.flush()


@dataclass(frozen=True, slots=True)
class Filter:
    status: Status | None
    barcode: str | None
    office: str | None


async def list_newest(
    session: AsyncSession, wanted: Filter, *, before: int | None, limit: int
) -> Sequence[Case]:
    """The newest first, those with an id below `before`."""
    query = select(Case).order_by(Case.id.desc()).limit(limit)
    if wanted.status is not None:
        query = query.where(Case.status == wanted.status)
    if wanted.barcode is not None:
        query = query.where(Case.barcode == wanted.barcode)
    if wanted.office is not None:
        query = query.where(Case.office == wanted.office)
    if before is not None:
        query = query.where(Case.id < before)
    return (await session.execute(query)).scalars().all()


async def open_about(session: AsyncSession, barcode: str) -> tuple[int, list[str]]:
    """How many open cases a barcode has, and the newest hundred's numbers."""
    query = (
        select(Case.year, Case.id, func.count().over())
        .where(Case.barcode == barcode, Case.status != "closed")
        .order_by(Case.id.desc())
        .limit(NUMBERS_MAX)
    )
    found = (await session.execute(query)).all()
    numbers = [domain.case_number(CaseId(year, serial)) for year, serial, _ in found]
    return (found[0][2] if found else 0), numbers


class Counts(NamedTuple):
    filed: int
    answered: int
    closed: int


async def counts(session: AsyncSession, period: Period) -> Counts:
    """Cases by what happened to them in the period; each count reads one index's range alone."""
    row = await session.execute(
        text(
            "SELECT"
            " (SELECT count(*) FROM complaint_case WHERE filed_at >= :start AND filed_at < :end),"
            " (SELECT count(*) FROM complaint_case"
            "  WHERE answered_at >= :start AND answered_at < :end),"
            " (SELECT count(*) FROM complaint_case WHERE closed_at >= :start AND closed_at < :end)"
        ),
        {"start": period.start_at, "end": period.end_at},
    )
    return Counts(*row.one())
