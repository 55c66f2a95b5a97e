"""SQL of Open311."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.complaints.cases.domain import CaseId
from services.complaints.cases.models import Case
from services.complaints.open311.models import Contact, ServiceRequest

_WHOLE = (joinedload(ServiceRequest.case), joinedload(ServiceRequest.contact))


async def add(session: AsyncSession, made: ServiceRequest, contact: Contact) -> UUID:
    """The request's token: that of the first who filed the case this way."""
    row = {"case_id": made.case_id, "token": made.token, "requested_at": made.requested_at}
    told = {c.name: getattr(contact, c.key) for c in Contact.__table__.columns}
    await session.execute(insert(ServiceRequest).values(**row).on_conflict_do_nothing())
    await session.execute(insert(Contact).values(**told).on_conflict_do_nothing())
    query = select(ServiceRequest.token).where(ServiceRequest.case_id == made.case_id)
    return (await session.execute(query)).scalar_one()


async def find(session: AsyncSession, number: CaseId) -> ServiceRequest | None:
    query = select(ServiceRequest).join(ServiceRequest.case).options(*_WHOLE)
    query = query.where(Case.id == number.serial, Case.year == number.year)
    return (await session.execute(query)).scalar_one_or_none()


async def by_token(session: AsyncSession, token: UUID) -> ServiceRequest | None:
    query = select(ServiceRequest).where(ServiceRequest.token == token).options(*_WHOLE)
    return (await session.execute(query)).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Filter:
    """`numbers` leave all else aside, as the standard has it; None leaves all in."""

    numbers: Collection[CaseId] | None
    codes: Collection[str] | None
    statuses: Collection[str] | None
    start: datetime
    end: datetime


async def newest(session: AsyncSession, wanted: Filter, limit: int) -> Sequence[ServiceRequest]:
    query = select(ServiceRequest).join(ServiceRequest.case).options(*_WHOLE)
    query = query.order_by(ServiceRequest.requested_at.desc(), ServiceRequest.case_id.desc())
    if wanted.numbers is not None:
        found = (await session.execute(query.where(_numbered(wanted.numbers)))).scalars().all()
        years = {number.serial: number.year for number in wanted.numbers}
        return [one for one in found if years[one.case_id] == one.case.year]
    query = query.where(
        ServiceRequest.requested_at >= wanted.start, ServiceRequest.requested_at <= wanted.end
    )
    if wanted.codes is not None:
        query = query.where(Case.category.in_(wanted.codes))
    if wanted.statuses is not None and len(wanted.statuses) == 1:
        closed = Case.status == "closed"
        query = query.where(closed if "closed" in wanted.statuses else ~closed)
    return (await session.execute(query.limit(limit))).scalars().all()


def _numbered(numbers: Collection[CaseId]) -> ColumnElement[bool]:
    return ServiceRequest.case_id.in_([number.serial for number in numbers])


async def erase_contact(session: AsyncSession, case_id: int) -> None:
    await session.execute(delete(Contact).where(Contact.case_id == case_id))
