"""All SQL of training."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, or_, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.offices.training.domain import WARN_DAYS
from services.offices.training.errors import (
    CertificateExists,
    CertificateNotFound,
    CourseExists,
    CourseNotFound,
)
from services.offices.training.models import Certificate, Course
from services.offices.workforce.models import Assignment
from services.offices.workforce.repository import at

NIL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a list of certificates that expire; None leaves all in."""

    expires_from: date | None = None
    expires_before: date | None = None
    course: str | None = None
    office: str | None = None
    """Of whoever works there `on` that day."""
    on: date = date.min


async def course(session: AsyncSession, code: str, *, lock: bool = False) -> Course:
    found = await session.get(Course, code, with_for_update=lock)
    if found is None:
        raise CourseNotFound(f"there is no course {code}")
    return found


async def courses(session: AsyncSession, *, after: str, limit: int) -> Sequence[Course]:
    statement = select(Course).where(Course.code > after).order_by(Course.code).limit(limit)
    return (await session.scalars(statement)).all()


async def add_course(session: AsyncSession, new: Course) -> None:
    session.add(new)
    try:
        await session.flush()
    except IntegrityError as error:
        raise CourseExists(f"there is a course {new.code}: change it instead") from error


async def add_certificate(session: AsyncSession, new: Certificate) -> None:
    session.add(new)
    try:
        await session.flush()
    except IntegrityError as error:
        raise CertificateExists(
            f"a certificate of {new.course} has this number: withdraw that one first if it is wrong"
        ) from error


async def certificate(session: AsyncSession, certificate_id: UUID) -> Certificate:
    """Locked until the transaction ends."""
    found = await session.get(Certificate, certificate_id, with_for_update=True)
    if found is None:
        raise CertificateNotFound(f"there is no certificate {certificate_id}")
    return found


async def of_person(
    session: AsyncSession, number: str, *, after: UUID | None, limit: int
) -> Sequence[Certificate]:
    """Withdrawn ones too."""
    statement = (
        select(Certificate)
        .where(Certificate.personnel_number == number, Certificate.id > (after or NIL))
        .order_by(Certificate.id)
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


async def expiring(
    session: AsyncSession, wanted: Filters, *, after: tuple[date, UUID] | None, limit: int
) -> Sequence[Certificate]:
    """Those that expire at all, the soonest first; neither withdrawn nor renewed ones."""
    statement = (
        select(Certificate)
        .where(Certificate.expires_on.is_not(None), *_in_force())
        .order_by(Certificate.expires_on, Certificate.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(Certificate.expires_on, Certificate.id) > after)
    if wanted.expires_from is not None:
        statement = statement.where(Certificate.expires_on >= wanted.expires_from)
    if wanted.expires_before is not None:
        statement = statement.where(Certificate.expires_on < wanted.expires_before)
    if wanted.course is not None:
        statement = statement.where(Certificate.course == wanted.course)
    if wanted.office is not None:
        person = Assignment.personnel_number == Certificate.personnel_number
        statement = statement.where(exists().where(person, *at(wanted.office, wanted.on)))
    return (await session.scalars(statement)).all()


def _in_force() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Neither withdrawn nor followed by a later one of the same person and course."""
    later = aliased(Certificate)
    renewed = exists().where(
        later.personnel_number == Certificate.personnel_number,
        later.course == Certificate.course,
        later.withdrawn_at.is_(None),
        or_(later.expires_on.is_(None), later.expires_on > Certificate.expires_on),
    )
    return Certificate.withdrawn_at.is_(None), ~renewed


async def lock_due(session: AsyncSession, today: date, *, limit: int) -> Sequence[Certificate]:
    """Certificates in force whose expiry is near and not told yet, of people who work; locked.

    What another worker tells just now is passed over.
    """
    days_left = Certificate.expires_on - today
    due = case(*((days_left <= days, days) for days in sorted(WARN_DAYS)))
    at_work = exists().where(
        Assignment.personnel_number == Certificate.personnel_number,
        Assignment.voided_at.is_(None),
        or_(Assignment.valid_until.is_(None), Assignment.valid_until >= today),
    )
    statement = (
        select(Certificate)
        .where(
            and_(days_left >= 0, days_left <= max(WARN_DAYS)),
            or_(Certificate.warned_days.is_(None), Certificate.warned_days > due),
            at_work,
            *_in_force(),
        )
        .order_by(Certificate.expires_on, Certificate.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Certificate)
    )
    return (await session.scalars(statement)).all()
