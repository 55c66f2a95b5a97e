"""Use cases: file, follow, write, answer, close; list and count."""

import hashlib
import json
import secrets
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.cases import domain, repository
from services.complaints.cases.domain import Act, Author, CaseId
from services.complaints.cases.errors import CaseClosed, CaseUnanswered, ThreadFull
from services.complaints.cases.models import Case, Complainant, Message
from services.complaints.cases.repository import Access, Filter
from services.complaints.cases.schemas import (
    AboutParcel,
    CaseBody,
    CaseRequest,
    CloseRequest,
    FiledBody,
    MessageRequest,
    OpenCasesBody,
    StaffCaseBody,
    StatisticsBody,
    SummaryBody,
)
from services.complaints.clients import Sisters
from services.complaints.events import CaseEvent, CaseEventType, CaseState
from services.complaints.subjects import service as subjects
from services.complaints.surveys import inviting
from shared import outbox
from shared.auth import Caller
from shared.calendar import YEAR_MIN, Period, jalali_date
from shared.errors import Invalid
from shared.idempotency import Answer, Once, once
from shared.pagination import Page, PageBody, cut

EARLIEST: Final = Period(YEAR_MIN).start_at


def _moment(
    caller: Caller, asked: datetime | None, now: datetime, *, after: datetime = EARLIEST
) -> datetime:
    """When it happened: now, or what a caller with the scope `backfill` says.

    `after`: what happened to the case before it.
    """
    if asked is None:
        return now
    caller.require("backfill")
    if not after <= asked <= now:
        raise Invalid.field(
            "body.occurred_at", "Write an instant of the past, not before the case's last change"
        )
    return asked


async def _publish(
    session: AsyncSession, event_type: CaseEventType, case: Case, at: datetime
) -> None:
    event = CaseEvent(case=CaseState.model_validate(case), occurred_at=at)
    data = event.model_dump(mode="json")
    await outbox.append(session, event_type, data, time=at, subject=case.number)


async def file(
    session: AsyncSession,
    sisters: Sisters,
    caller: Caller,
    body: CaseRequest,
    key: str | None,
    now: datetime,
) -> Answer:
    """A new case; its subject is refused only where the subject's service says there is none."""
    at = _moment(caller, body.occurred_at, now)
    looked = await subjects.ask(sisters, body.about)  # before the session's first statement
    if looked is not None and not looked.found:
        raise _no_such_subject(body)

    async def work() -> Answer:
        nonce = secrets.token_bytes(32)
        secret = domain.case_secret(nonce, key or "")
        case = _new_case(body, domain.secret_hash(secret), at, now)
        subjects.start(case, looked, now)
        await repository.add(session, case)
        await _publish(session, "case.filed", case, at)
        return _stored(case, nonce)

    if key is None:
        return _revealed(await work(), "")
    effect = Once(
        caller=caller.id,
        operation="file_complaint",
        key=hashlib.sha256(key.encode()).hexdigest(),  # half of the secret: see case_secret
        payload=body.model_dump_json().encode(),
        now=now,
    )
    return _revealed(await once(session, effect, work), key)


def _no_such_subject(body: CaseRequest) -> Invalid:
    if isinstance(body.about, AboutParcel):
        return Invalid.field("body.about.parcel.barcode", "No parcel has this barcode")
    return Invalid.field("body.about.office.office", "No office has this code")


def _new_case(body: CaseRequest, secret_hash: bytes, at: datetime, now: datetime) -> Case:
    about = body.about
    case = Case(
        year=int(jalali_date(at)[:4]),
        kind=about.kind,
        barcode=about.barcode if isinstance(about, AboutParcel) else None,
        office=None if isinstance(about, AboutParcel) else about.office,
        category=body.category,
        status="received",
        version=1,
        secret_hash=secret_hash,
        message_count=0,
        filed_at=at,
        recorded_at=now,
        updated_at=at,
        complainant=Complainant(name=body.complainant.name, phone=body.complainant.phone),
    )
    _append(case, Message(author="complainant", text=body.text, occurred_at=at, recorded_at=now))
    return case


def _stored(case: Case, nonce: bytes) -> Answer:
    """The answer as a replay finds it: the nonce in place of the secret."""
    body: dict[str, Any] = {
        "number": case.number,
        "nonce": nonce.hex(),
        "status": case.status,
        "filed_at": case.filed_at.isoformat(),
        "snapshot_pending": case.snapshot_pending,
    }
    headers = {"Location": f"/v1/complaints/{case.number}", "Cache-Control": "no-store"}
    return Answer(201, json.dumps(body).encode(), headers)


def _revealed(answer: Answer, key: str) -> Answer:
    body = json.loads(answer.body)
    secret = domain.case_secret(bytes.fromhex(body.pop("nonce")), key)
    shown = FiledBody(secret=secret, **body)
    return Answer(answer.status, shown.model_dump_json().encode(), answer.headers)


def _append(case: Case, message: Message) -> None:
    if case.message_count >= domain.MESSAGES_MAX:
        raise ThreadFull(f"a case holds {domain.MESSAGES_MAX} messages")
    case.message_count += 1
    message.nth = case.message_count
    case.messages.append(message)


def _advance(case: Case, act: Act, at: datetime) -> None:
    status = domain.next_status(case.status, act)
    if status is None:
        raise CaseClosed(f"the case {case.number} is closed; file a new one")
    case.status = status
    case.version += 1
    case.updated_at = at


def _said(
    author: Author, caller: Caller, body: MessageRequest, at: datetime, now: datetime
) -> Message:
    account = caller.id if author == "staff" else None
    return Message(author=author, account=account, text=body.text, occurred_at=at, recorded_at=now)


async def read(
    session: AsyncSession, number: CaseId, caller: Caller, secret: str | None
) -> CaseBody:
    staff = "complaints:read" in caller.scopes
    case = await repository.find(session, number, Access(staff, secret))
    return StaffCaseBody.model_validate(case) if staff else CaseBody.model_validate(case)


async def write_message(
    session: AsyncSession,
    number: CaseId,
    secret: str | None,
    caller: Caller,
    body: MessageRequest,
    now: datetime,
) -> CaseBody:
    """The complainant writes; an answered case is `received` again."""
    case = await repository.find(session, number, Access(staff=False, secret=secret), lock=True)
    at = _moment(caller, body.occurred_at, now, after=case.updated_at)
    _advance(case, "message", at)
    _append(case, _said("complainant", caller, body, at, now))
    return CaseBody.model_validate(case)


async def answer(
    session: AsyncSession, number: CaseId, caller: Caller, body: MessageRequest, now: datetime
) -> StaffCaseBody:
    case = await repository.find(session, number, Access(staff=True), lock=True)
    at = _moment(caller, body.occurred_at, now, after=case.updated_at)
    _advance(case, "answer", at)
    _append(case, _said("staff", caller, body, at, now))
    case.answered_at = case.answered_at or at
    await _publish(session, "case.answered", case, at)
    return StaffCaseBody.model_validate(case)


async def close(
    session: AsyncSession,
    number: CaseId,
    caller: Caller,
    body: CloseRequest | None,
    now: datetime,
) -> StaffCaseBody:
    """The end of an answered case."""
    case = await repository.find(session, number, Access(staff=True), lock=True)
    at = _moment(caller, body.occurred_at if body else None, now, after=case.updated_at)
    _advance(case, "close", at)
    if case.answered_at is None:
        raise CaseUnanswered(f"the case {case.number} has no answer yet; answer it first")
    case.closed_at = at
    await _publish(session, "case.closed", case, at)
    await inviting.invite_for_case(session, case, now)
    return StaffCaseBody.model_validate(case)


async def list_cases(session: AsyncSession, wanted: Filter, page: Page) -> PageBody[SummaryBody]:
    before = page.after_int()
    found = await repository.list_newest(session, wanted, before=before, limit=page.limit + 1)
    cases, following = cut(found, page, lambda case: [case.id])
    return PageBody(items=[SummaryBody.model_validate(case) for case in cases], next=following)


async def open_cases(session: AsyncSession, barcode: str) -> OpenCasesBody:
    count, numbers = await repository.open_about(session, barcode)
    return OpenCasesBody(barcode=barcode, open=count, numbers=numbers)


async def statistics(session: AsyncSession, period: Period) -> StatisticsBody:
    counts = await repository.counts(session, period)
    return StatisticsBody(period=str(period), **counts._asdict())
