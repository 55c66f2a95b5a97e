"""Use cases of training."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.states import states
from services.offices.training import domain, repository
from services.offices.training.errors import AlreadyWithdrawn, CourseNotFound, UnknownCourse
from services.offices.training.models import Certificate, Course
from services.offices.training.repository import Filters
from services.offices.training.schemas import (
    CertificateOut,
    CourseChange,
    CourseOut,
    NewCertificate,
    NewCourse,
)
from services.offices.workforce import repository as workforce
from services.offices.workforce.service import check_own
from shared import idempotency, outbox, pagination
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.pagination import Page

WARN_ROWS: Final = 500


async def add_course(
    session: AsyncSession, wanted: NewCourse, *, once: Once | None, now: datetime
) -> Answer:
    async def work() -> Answer:
        new = Course(**wanted.model_dump(), version=1, created_at=now, updated_at=now)
        await repository.add_course(session, new)
        await _tell(session, "course.created", new.code, now, course=new)
        return Answer(201, CourseOut.model_validate(new).model_dump_json().encode())

    return await _once(session, once, work)


async def change_course(
    session: AsyncSession, code: str, wanted: CourseChange, *, now: datetime
) -> Course:
    course = await repository.course(session, code, lock=True)
    changes = {k: v for k, v in wanted.changes().items() if getattr(course, k) != v}
    if changes:
        for field, value in changes.items():
            setattr(course, field, value)
        course.version += 1
        course.updated_at = now
        await _tell(session, "course.changed", code, now, course=course)
    return course


async def courses(session: AsyncSession, page: Page) -> tuple[list[Course], str | None]:
    after = page.after_text() or ""
    rows = await repository.courses(session, after=after, limit=page.limit + 1)
    return pagination.cut(rows, page, lambda course: [course.code])


async def certify(
    session: AsyncSession,
    wanted: NewCertificate,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    async def work() -> Answer:
        await workforce.get(session, wanted.personnel_number)
        new = Certificate(
            **wanted.model_dump(exclude={"expires_on"}),
            expires_on=domain.expiry(
                wanted.issued_on, wanted.expires_on, await _validity(session, wanted.course)
            ),
            warned_days=None,
            withdrawn_at=None,
            withdrawn_reason=None,
            recorded_by=caller.id,
            created_at=now,
        )
        await repository.add_certificate(session, new)
        await _tell(session, "certificate.issued", str(new.id), now, certificate=new)
        return Answer(201, CertificateOut.model_validate(new).model_dump_json().encode())

    return await _once(session, once, work)


async def _validity(session: AsyncSession, code: str) -> int | None:
    try:
        return (await repository.course(session, code)).validity_months
    except CourseNotFound as error:
        raise UnknownCourse(error.detail) from error


async def withdraw(
    session: AsyncSession, certificate_id: UUID, reason: str, *, now: datetime
) -> Certificate:
    """It was recorded by mistake or is no longer good; it stays on record."""
    certificate = await repository.certificate(session, certificate_id)
    if certificate.withdrawn_at is not None:
        raise AlreadyWithdrawn(f"it was withdrawn on {tehran_date(certificate.withdrawn_at)}")
    certificate.withdrawn_at, certificate.withdrawn_reason = now, reason
    subject = str(certificate.id)
    await _tell(session, "certificate.withdrawn", subject, now, certificate=certificate)
    return certificate


async def of_person(
    session: AsyncSession, number: str, page: Page, *, caller: Caller, now: datetime
) -> tuple[list[Certificate], str | None]:
    await check_own(session, number, caller, now)
    await workforce.get(session, number)
    rows = await repository.of_person(
        session, number, after=page.after_uuid(), limit=page.limit + 1
    )
    return pagination.cut(rows, page, lambda one: [str(one.id)])


async def expiring(
    session: AsyncSession, wanted: Filters, page: Page, *, caller: Caller, now: datetime
) -> tuple[list[Certificate], str | None]:
    """Certificates in force that expire, the soonest first; of one office to who works there."""
    wanted = replace(wanted, office=caller.office, on=tehran_date(now))
    rows = await repository.expiring(session, wanted, after=_after(page), limit=page.limit + 1)
    return pagination.cut(rows, page, lambda one: [str(one.expires_on), str(one.id)])


def _after(page: Page) -> tuple[date, UUID] | None:
    match page.after:
        case None:
            return None
        case [str(day), str(certificate)]:
            try:
                return date.fromisoformat(day), UUID(certificate)
            except ValueError:
                raise pagination.not_a_cursor() from None
        case _:
            raise pagination.not_a_cursor()


async def warn(database: Database, clock: Clock) -> int:
    """Tell which certificates expire in 60, 30 and 7 days, once each; how many were told."""
    told = 0
    while True:
        async with database.transaction() as session:
            found = await _warn_some(session, await world_now(session, clock))
        told += found
        if found < WARN_ROWS:
            return told


async def _warn_some(session: AsyncSession, now: datetime) -> int:
    today = tehran_date(now)
    due = await repository.lock_due(session, today, limit=WARN_ROWS)
    events: list[tuple[str, str, dict[str, Any]]] = []
    for one in due:
        assert one.expires_on is not None  # noqa: S101 - the query's condition
        one.warned_days = domain.due_warning((one.expires_on - today).days, one.warned_days)
        data = states(certificate=one) | {"days": one.warned_days}
        events.append(("certificate.expiring", str(one.id), data))
    await session.flush()
    await workforce.tell(session, events, now)
    return len(due)


async def _once(
    session: AsyncSession, once: Once | None, work: Callable[[], Awaitable[Answer]]
) -> Answer:
    return await (work() if once is None else idempotency.once(session, once, work))


async def _tell(
    session: AsyncSession, event: str, subject: str, now: datetime, **told: object
) -> None:
    """Save, then append: the event comes after the row lock, so events are in commit order."""
    await session.flush()
    await outbox.append(session, event, states(**told), time=now, subject=subject)
