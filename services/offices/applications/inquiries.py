"""Use cases of inquiries: ask, answer, ask again, tell of the late ones, and how long each has."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.applications import domain, repository
from services.offices.applications.domain import InquiryKind
from services.offices.applications.errors import InquiryAnswered, InquiryStands, StepNotPossible
from services.offices.applications.models import Application, Inquiry
from services.offices.applications.schemas import (
    AnswerRequest,
    ApplicationOut,
    InquiryOut,
    TermOut,
    TermRequest,
    TermsOut,
)
from services.offices.meetings.service import after_instant
from services.offices.working_group.service import tell
from shared import pagination
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.pagination import Page


async def ask(
    session: AsyncSession,
    application: Application,
    kinds: tuple[InquiryKind, ...],
    now: datetime,
) -> None:
    """Ask each of these bodies, a first time or again; each has its own time to answer."""
    terms = await repository.days(session, tehran_date(now))
    for kind in kinds:
        rounds = [each.round for each in application.inquiries if each.kind == kind]
        asked = Inquiry(
            id=uuid4(),
            application_id=application.id,
            kind=kind,
            round=max(rounds, default=0) + 1,
            asked_at=now,
            due_at=domain.due_at(now, terms[kind]),
        )
        application.inquiries.append(asked)
        await tell(session, "inquiry.opened", now, subject=asked.id, inquiry=asked)


async def ask_again(
    session: AsyncSession, application_id: UUID, kind: InquiryKind, now: datetime
) -> ApplicationOut:
    """A new round of an inquiry that was answered unfavourably."""
    application = await repository.get(session, application_id, lock=True)
    _check_waiting(application)
    of_kind = [each for each in application.inquiries if each.kind == kind]
    newest = max(of_kind, key=lambda each: each.round)
    if newest.answer != "unfavourable":
        raise InquiryStands(f"{kind} is {newest.answer or 'open'}: nothing to ask again")
    await ask(session, application, (kind,), now)
    application.version += 1
    return ApplicationOut.model_validate(application)


def _check_waiting(application: Application) -> None:
    if application.state != "agreed":
        raise StepNotPossible(f"the application is {application.state}: no inquiry is waited for")


async def answer(
    session: AsyncSession, inquiry_id: UUID, wanted: AnswerRequest, *, caller: Caller, now: datetime
) -> InquiryOut:
    """What a body answered, once; whether it was in time or not."""
    found = await repository.inquiry(session, inquiry_id)
    application = await repository.get(session, found.application_id, lock=True)
    _check_waiting(application)
    inquiry = next(each for each in application.inquiries if each.id == inquiry_id)
    await session.refresh(inquiry)
    if inquiry.answer is not None:
        raise InquiryAnswered(f"the inquiry was answered {inquiry.answer}")
    inquiry.answer, inquiry.reference = wanted.answer, wanted.reference
    inquiry.answered_at, inquiry.answered_by = now, caller.id
    await tell(session, "inquiry.answered", now, subject=inquiry.id, inquiry=inquiry)
    return InquiryOut.model_validate(inquiry)


async def tell_overdue(session: AsyncSession, now: datetime, *, limit: int) -> int:
    """Tell of inquiries whose time has passed, each once; how many there were."""
    late = await repository.newly_overdue(session, now, limit=limit)
    for inquiry in late:
        inquiry.overdue_told_at = now
        await tell(session, "inquiry.overdue", now, subject=inquiry.id, inquiry=inquiry)
    return len(late)


async def terms(session: AsyncSession) -> TermsOut:
    return TermsOut.model_validate({"items": await repository.terms(session)})


async def put_term(
    session: AsyncSession, kind: InquiryKind, wanted: TermRequest, *, caller: Caller, now: datetime
) -> TermOut:
    """How long an inquiry of a kind may take that is asked from a day on."""
    values = {"kind": kind, "set_by": caller.id, "set_at": now, **wanted.model_dump()}
    await repository.put_term(session, values)
    made = TermOut.model_validate(values)
    await tell(session, "inquiry_term.set", now, subject=kind, inquiry_term=made)
    return made


async def listing(
    session: AsyncSession,
    kind: InquiryKind | None,
    due_before: datetime | None,
    page: Page,
) -> tuple[list[InquiryOut], str | None]:
    rows = await repository.open_inquiries(
        session, kind, due_before, after=after_instant(page), limit=page.limit + 1
    )
    shown, following = pagination.cut(rows, page, lambda row: [row.due_at.isoformat(), str(row.id)])
    return [InquiryOut.model_validate(row) for row in shown], following
