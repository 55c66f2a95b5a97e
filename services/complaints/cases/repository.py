"""All SQL of the cases, and who may see which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.complaints.cases import domain
from services.complaints.cases.domain import CaseId
from services.complaints.cases.errors import CaseUnknown
from services.complaints.cases.models import Case
from services.complaints.vocabulary import Category, Channel, Severity, Stage
from shared.calendar import Period

NUMBERS_MAX: Final = 100
_WHOLE: Final = (
    selectinload(Case.messages),
    selectinload(Case.stages),
    selectinload(Case.complainants),
    selectinload(Case.parties),
    selectinload(Case.snapshot),
)


@dataclass(frozen=True, slots=True)
class Access:
    """How someone comes to a case: as staff, or with what may be its secret."""

    staff: bool
    secret: str | None = None


STAFF: Final = Access(staff=True)


class Found(NamedTuple):
    """The whole case and which of its complainants looks at it; None for staff."""

    case: Case
    party: int | None


async def look(session: AsyncSession, number: CaseId, access: Access, *, lock: bool) -> Found:
    """The whole case, its row locked if asked; to a stranger it is absent."""
    query = select(Case).where(Case.id == number.serial, Case.year == number.year)
    if lock:
        query = query.with_for_update()
    case = (await session.execute(query.options(*_WHOLE))).scalar_one_or_none()
    if case is None:
        raise CaseUnknown
    party = None if access.staff else _party(case, access.secret)
    return Found(case, party)


def _party(case: Case, secret: str | None) -> int:
    """Whose secret it is; every hash is compared, so that time tells nothing."""
    hashes = [(0, case.secret_hash), *((party.party, party.secret_hash) for party in case.parties)]
    opened = [
        party for party, known in hashes if secret is not None and domain.opens(secret, known)
    ]
    if not opened:
        raise CaseUnknown
    return opened[0]


async def find(
    session: AsyncSession, number: CaseId, access: Access, *, lock: bool = False
) -> Case:
    return (await look(session, number, access, lock=lock)).case


async def whole(session: AsyncSession, case_id: int, *, lock: bool = True) -> Case:
    """A case that exists."""
    query = select(Case).where(Case.id == case_id).options(*_WHOLE)
    if lock:
        query = query.with_for_update()
    return (await session.execute(query)).scalar_one()


async def add(session: AsyncSession, case: Case) -> None:
    """Insert; the case has its number from here on."""
    session.add(case)
    await session.flush()


@dataclass(frozen=True, slots=True)
class Filter:
    """`open`: not closed. Filed later than `filed_after`, and no later than `filed_until`."""

    status: Stage | None = None
    barcode: str | None = None
    office: str | None = None
    officer: str | None = None
    category: Category | None = None
    channel: Channel | None = None
    severity: Severity | None = None
    open: bool | None = None
    filed_after: datetime | None = None
    filed_until: datetime | None = None


EQUAL: Final = ("status", "barcode", "office", "officer", "category", "channel", "severity")


async def list_newest(
    session: AsyncSession, wanted: Filter, *, before: int | None, limit: int
) -> Sequence[Case]:
    """The newest first, those with an id below `before`."""
    query = select(Case).order_by(Case.id.desc()).limit(limit)
    for name in EQUAL:
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(Case, name) == value)
    if wanted.open is not None:
        query = query.where((Case.status != "closed") == wanted.open)
    if wanted.filed_after is not None:
        query = query.where(Case.filed_at > wanted.filed_after)
    if wanted.filed_until is not None:
        query = query.where(Case.filed_at <= wanted.filed_until)
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
