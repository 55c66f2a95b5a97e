"""Use cases of a case's life: read, write, answer, accept, contest, close, reopen; list, count.

Every change of a case goes through `move` or `note`, which write the stage, the version and the
event: what else is to happen at a transition belongs there.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.cases import domain, repository
from services.complaints.cases.domain import Act, CaseId
from services.complaints.cases.errors import (
    CaseClosed,
    CaseStage,
    CaseUnanswered,
    NotTheFirst,
    ReopenedTooLate,
    ThreadFull,
)
from services.complaints.cases.models import Case, Message, StageRow
from services.complaints.cases.repository import STAFF, Access, Filter, Found
from services.complaints.cases.schemas import (
    AnswerRequest,
    CaseBody,
    CloseRequest,
    MessageBody,
    MessageRequest,
    OpenCasesBody,
    StaffCaseBody,
    StatisticsBody,
    SummaryBody,
)
from services.complaints.clocks import service as clocks
from services.complaints.clocks.sheets import Moment
from services.complaints.events import CaseEvent, CaseEventType, CaseState
from services.complaints.surveys import inviting
from services.complaints.vocabulary import Actor, Stage
from shared import outbox
from shared.auth import Caller
from shared.calendar import YEAR_MIN, Period
from shared.errors import Invalid
from shared.pagination import Page, PageBody, cut

EARLIEST: Final = Period(YEAR_MIN).start_at
EVENT_OF: Final[dict[Act, CaseEventType]] = {
    "acknowledge": "case.acknowledged",
    "assess": "case.assessed",
    "investigate": "case.investigated",
    "message": "case.written",
    "join": "case.joined",
    "answer": "case.answered",
    "accept": "case.accepted",
    "contest": "case.contested",
    "close": "case.closed",
    "reopen": "case.reopened",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Who does it (`party`: which complainant), when it was (`at`) and is written (`now`)."""

    actor: Actor
    account: str | None
    party: int | None
    at: datetime
    now: datetime


def moment(
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


def by_staff(caller: Caller, at: datetime, now: datetime) -> Step:
    return Step("staff", caller.id, None, at, now)


def by_complainant(party: int | None, at: datetime, now: datetime) -> Step:
    return Step("complainant", None, party or 0, at, now)


async def publish(
    session: AsyncSession, event_type: CaseEventType, case: Case, at: datetime
) -> None:
    event = CaseEvent(case=CaseState.model_validate(case), occurred_at=at)
    data = event.model_dump(mode="json")
    await outbox.append(session, event_type, data, time=at, subject=case.number)


async def move(session: AsyncSession, case: Case, act: Act, step: Step) -> None:
    """An act on a locked case: refused, or its stage, its version and its event."""
    stage = domain.next_stage(case.status, act)
    if stage is None:
        raise _refusal(case, act)
    if domain.is_stage(case.status, act, stage):
        reach(case, act, stage, step)
    case.closed_at = step.at if stage == "closed" else None
    if act == "answer":
        case.answered_at = case.answered_at or step.at
    await note(session, case, EVENT_OF[act], step)
    await clocks.on_act(session, case, act, Moment(step.at, step.now, step.account))
    if stage == "closed":
        await inviting.invite_for_case(
            session, case, step.now, office=case.liable_office or case.handling_office
        )


async def note(session: AsyncSession, case: Case, event_type: CaseEventType, step: Step) -> None:
    """A change of a locked case that is no stage: its version and its event."""
    case.version += 1
    case.updated_at = max(case.updated_at, step.at)
    await session.flush()
    await publish(session, event_type, case, step.at)


def reach(case: Case, act: str, stage: Stage, step: Step) -> None:
    """On record for good: a stage, by whom and when."""
    case.status = stage
    case.stage_count += 1
    case.stages.append(
        StageRow(
            nth=case.stage_count,
            act=act,
            stage=stage,
            actor=step.actor,
            account=step.account,
            occurred_at=step.at,
            recorded_at=step.now,
        )
    )


def _refusal(case: Case, act: Act) -> CaseClosed | CaseUnanswered | CaseStage:
    if case.status == "closed":
        return CaseClosed(f"the case {case.number} is closed; it may be reopened within 30 days")
    if act in ("accept", "contest", "close") and case.status in domain.UNANSWERED:
        return CaseUnanswered(f"the case {case.number} waits for an answer; answer it first")
    return CaseStage(f"the case {case.number} is {case.status}: it cannot {act} from there")


def write(case: Case, text: str, step: Step, *, internal: bool = False) -> Message:
    """An entry of the thread, public or for staff alone."""
    if case.message_count >= domain.MESSAGES_MAX:
        raise ThreadFull(f"a case holds {domain.MESSAGES_MAX} messages")
    case.message_count += 1
    message = Message(
        nth=case.message_count,
        author="complainant" if step.actor == "complainant" else "staff",
        account=step.account,
        party=step.party,
        internal=internal,
        text=text,
        occurred_at=step.at,
        recorded_at=step.now,
    )
    case.messages.append(message)
    return message


def shown(found: Found) -> CaseBody:
    """A case as one of its complainants sees it."""
    case, party = found.case, found.party or 0
    first = next((one.first_nth for one in case.parties if one.party == party), 0)
    messages = [
        MessageBody.model_validate(entry)
        for entry in case.messages
        if domain.sees(party, first, of=entry.party, internal=entry.internal, nth=entry.nth)
    ]
    told = {"messages": messages, "message_count": len(messages)}
    return CaseBody.model_validate(case).model_copy(update=told)


async def read(
    session: AsyncSession, number: CaseId, caller: Caller, secret: str | None
) -> CaseBody | StaffCaseBody:
    staff = "complaints:read" in caller.scopes
    found = await repository.look(session, number, Access(staff, secret), lock=False)
    return StaffCaseBody.model_validate(found.case) if staff else shown(found)


async def own(session: AsyncSession, number: CaseId, secret: str | None) -> CaseBody:
    """The case to its complainant."""
    return shown(
        await repository.look(session, number, Access(staff=False, secret=secret), lock=False)
    )


async def as_staff(session: AsyncSession, number: CaseId) -> StaffCaseBody:
    return StaffCaseBody.model_validate(await repository.find(session, number, STAFF))


async def again(
    session: AsyncSession, number: CaseId, secret: str | None, caller: Caller
) -> CaseBody | StaffCaseBody:
    """To who reopened it."""
    staff = "complaints:answer" in caller.scopes
    return await as_staff(session, number) if staff else await own(session, number, secret)


async def write_message(
    session: AsyncSession,
    number: CaseId,
    secret: str | None,
    caller: Caller,
    body: MessageRequest,
    now: datetime,
) -> CaseBody:
    """The complainant writes; an answered case is `received` again."""
    return await _by_complainant(session, number, secret, caller, body, now, act="message")


async def contest(
    session: AsyncSession,
    number: CaseId,
    secret: str | None,
    caller: Caller,
    body: MessageRequest,
    now: datetime,
) -> CaseBody:
    return await _by_complainant(session, number, secret, caller, body, now, act="contest")


async def _by_complainant(
    session: AsyncSession,
    number: CaseId,
    secret: str | None,
    caller: Caller,
    body: MessageRequest,
    now: datetime,
    *,
    act: Act,
) -> CaseBody:
    access = Access(staff=False, secret=secret)
    found = await repository.look(session, number, access, lock=True)
    at = moment(caller, body.occurred_at, now, after=found.case.updated_at)
    step = by_complainant(found.party, at, now)
    await move(session, found.case, act, step)
    write(found.case, body.text, step)
    return shown(found)


async def accept(
    session: AsyncSession,
    number: CaseId,
    secret: str | None,
    caller: Caller,
    body: CloseRequest | None,
    now: datetime,
) -> CaseBody:
    """Who filed the case is content; who was joined to it cannot say so for others."""
    access = Access(staff=False, secret=secret)
    found = await repository.look(session, number, access, lock=True)
    if found.party != 0:
        raise NotTheFirst("you were joined to another's case: you may contest, not accept for all")
    at = moment(caller, body.occurred_at if body else None, now, after=found.case.updated_at)
    await move(session, found.case, "accept", by_complainant(0, at, now))
    return shown(found)


async def reopen(
    session: AsyncSession,
    number: CaseId,
    secret: str | None,
    caller: Caller,
    body: MessageRequest,
    now: datetime,
) -> CaseBody | StaffCaseBody:
    """Within 30 days of its end, by a complainant or by staff; the old end stays on record."""
    staff = "complaints:answer" in caller.scopes
    found = await repository.look(session, number, Access(staff, secret), lock=True)
    case = found.case
    at = moment(caller, body.occurred_at, now, after=case.updated_at)
    if case.closed_at is not None and not domain.may_reopen(case.closed_at, at):
        raise ReopenedTooLate(f"the case {case.number} was closed over 30 days ago: file a new one")
    step = by_staff(caller, at, now) if staff else by_complainant(found.party, at, now)
    case.reopened_count += 1
    await move(session, case, "reopen", step)
    write(case, body.text, step, internal=staff)
    return StaffCaseBody.model_validate(case) if staff else shown(found)


async def acknowledge(
    session: AsyncSession, number: CaseId, caller: Caller, now: datetime
) -> StaffCaseBody:
    """Staff has seen what was written back, or what was reopened."""
    case = await repository.find(session, number, STAFF, lock=True)
    await move(session, case, "acknowledge", by_staff(caller, now, now))
    return StaffCaseBody.model_validate(case)


async def investigate(
    session: AsyncSession, number: CaseId, caller: Caller, body: MessageRequest, now: datetime
) -> StaffCaseBody:
    """What was found out, for staff."""
    case = await repository.find(session, number, STAFF, lock=True)
    at = moment(caller, body.occurred_at, now, after=case.updated_at)
    step = by_staff(caller, at, now)
    await move(session, case, "investigate", step)
    write(case, body.text, step, internal=True)
    return StaffCaseBody.model_validate(case)


async def write_note(
    session: AsyncSession, number: CaseId, caller: Caller, body: MessageRequest, now: datetime
) -> StaffCaseBody:
    """An internal note: no stage, and no complainant sees it; after the end, too."""
    case = await repository.find(session, number, STAFF, lock=True)
    step = by_staff(caller, moment(caller, body.occurred_at, now, after=case.filed_at), now)
    write(case, body.text, step, internal=True)
    await note(session, case, "case.noted", step)
    return StaffCaseBody.model_validate(case)


async def ask(
    session: AsyncSession, number: CaseId, caller: Caller, body: MessageRequest, now: datetime
) -> tuple[Case, Step]:
    """Staff asks the complainants something: public words that answer nothing yet."""
    case = await repository.find(session, number, STAFF, lock=True)
    if case.status == "closed":
        raise _refusal(case, "message")
    step = by_staff(caller, moment(caller, body.occurred_at, now, after=case.updated_at), now)
    write(case, body.text, step)
    await note(session, case, "case.asked", step)
    await clocks.asked(session, case, Moment(step.at, step.now, step.account))
    return case, step


async def answer(
    session: AsyncSession, number: CaseId, caller: Caller, body: AnswerRequest, now: datetime
) -> StaffCaseBody:
    """The public answer of staff; the first one is the first response, whatever comes later."""
    case = await repository.find(session, number, STAFF, lock=True)
    if body.party is not None and body.party > case.joined_count:
        raise Invalid.field("body.party", "The case has no such complainant")
    at = moment(caller, body.occurred_at, now, after=case.updated_at)
    step = by_staff(caller, at, now)
    await move(session, case, "answer", step)
    write(case, body.text, replace(step, party=body.party))
    return StaffCaseBody.model_validate(case)


async def close(
    session: AsyncSession,
    number: CaseId,
    caller: Caller,
    body: CloseRequest | None,
    now: datetime,
) -> StaffCaseBody:
    """The end of an answered case."""
    case = await repository.find(session, number, STAFF, lock=True)
    at = moment(caller, body.occurred_at if body else None, now, after=case.updated_at)
    await move(session, case, "close", by_staff(caller, at, now))
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
