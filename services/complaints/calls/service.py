"""Use cases of the contact centre: log a call, file during it, see all of a caller's."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.calls import repository
from services.complaints.calls.errors import CallEnded
from services.complaints.calls.models import Call, CallCase, CallPerson
from services.complaints.calls.schemas import (
    CallBody,
    CallerBody,
    CallRequest,
    EndRequest,
)
from services.complaints.cases.models import Case
from services.complaints.cases.schemas import SummaryBody
from services.complaints.cases.service import moment
from services.complaints.clients import CallerParcel, SisterDownError, Sisters
from services.complaints.events import CallState
from services.complaints.filing import service as filing
from services.complaints.filing.schemas import CalledRequest, CaseRequest, ComplainantRequest
from shared import outbox
from shared.auth import Caller
from shared.database import Database
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.idempotency import once as run_once
from shared.pagination import Page, PageBody, cut

log = structlog.get_logger(__name__)


async def start(
    session: AsyncSession, caller: Caller, body: CallRequest, once: Once | None, now: datetime
) -> CallBody:
    """Under one key one call; what is kept for replays names it, and not the caller's number."""
    at = moment(caller, body.occurred_at, now)

    async def work() -> Answer:
        call = Call(operator=caller.id, started_at=at, recorded_at=now)
        session.add(call)
        await session.flush()
        session.add(CallPerson(call_id=call.id, phone=body.phone))
        await _publish(session, "call.started", call, at)
        return Answer(201, str(call.id).encode())

    answer = await (work() if once is None else run_once(session, once, work))
    return await read(session, int(answer.body))


async def _publish(session: AsyncSession, event_type: str, call: Call, at: datetime) -> None:
    data = {"call": CallState.model_validate(call).model_dump(mode="json")}
    await outbox.append(session, event_type, data, time=at, subject=str(call.id))


class Complaint(NamedTuple):
    """What is complained of during a call, under its Idempotency-Key."""

    call_id: int
    body: CalledRequest
    key: str | None


async def file(
    session: AsyncSession,
    database: Database,
    sisters: Sisters,
    caller: Caller,
    complaint: Complaint,
    now: datetime,
) -> Answer:
    """A case by phone, which the call's entry names."""
    call_id, body, key = complaint
    phone = body.phone or await _phone(database, call_id)
    if phone is None:
        raise Invalid.field("body.phone", "The call's number was erased: write the caller's")
    told = body.model_dump(exclude={"name", "phone"})
    request = CaseRequest(
        **told, channel="phone", complainant=ComplainantRequest(name=body.name, phone=phone)
    )

    async def link(case: Case) -> None:
        call = await repository.find(session, call_id, lock=True)
        if call.ended_at is not None:
            raise CallEnded("the call has ended: file at the counter or on the web")
        if not await repository.has_case(session, call_id, case.id):
            session.add(CallCase(call_id=call_id, case_id=case.id))

    return await filing.file(session, sisters, caller, request, key, now, then=link)


async def _phone(database: Database, call_id: int) -> str | None:
    async with database.transaction() as session:
        await repository.find(session, call_id)
        return (await repository.phones(session, [call_id])).get(call_id)


async def end(
    session: AsyncSession, caller: Caller, call_id: int, body: EndRequest, now: datetime
) -> CallBody:
    """Ended once; the same said again changes nothing."""
    call = await repository.find(session, call_id, lock=True)
    if call.ended_at is not None:
        if (call.outcome, call.note) != (body.outcome, body.note):
            raise CallEnded("the call has ended with another outcome")
        return await _one(session, call)
    at = moment(caller, body.occurred_at, max(now, call.started_at), after=call.started_at)
    call.ended_at, call.outcome, call.note = at, body.outcome, body.note
    await session.flush()
    await _publish(session, "call.ended", call, at)
    return await _one(session, call)


async def read(session: AsyncSession, call_id: int) -> CallBody:
    return await _one(session, await repository.find(session, call_id))


async def listing(session: AsyncSession, operator: str | None, page: Page) -> PageBody[CallBody]:
    rows = await repository.listing(session, operator, page.after_int(), page.limit + 1)
    found, following = cut(rows, page, lambda call: [call.id])
    return PageBody(items=await _bodies(session, found), next=following)


async def _one(session: AsyncSession, call: Call) -> CallBody:
    return (await _bodies(session, [call]))[0]


async def _bodies(session: AsyncSession, calls: Sequence[Call]) -> list[CallBody]:
    ids = [call.id for call in calls]
    phones = await repository.phones(session, ids)
    numbers = await repository.cases_of(session, ids)
    return [
        CallBody.model_validate(
            {
                **CallState.model_validate(call).model_dump(),
                "note": call.note,
                "phone": phones.get(call.id),
                "cases": numbers.get(call.id, []),
            }
        )
        for call in calls
    ]


async def caller_of(
    session: AsyncSession, database: Database, sisters: Sisters, call_id: int
) -> CallerBody:
    phone = await _phone(database, call_id)
    if phone is None:
        raise Invalid.field("path.call_id", "The caller's number was erased")
    return await caller_by_phone(session, sisters, phone)


async def caller_by_phone(session: AsyncSession, sisters: Sisters, phone: str) -> CallerBody:
    """Parcels first: they are asked before the transaction begins."""
    parcels = await _parcels(sisters, phone)
    cases = await repository.cases_from(session, phone)
    calls = await repository.calls_from(session, phone)
    return CallerBody(
        phone=phone,
        parcels=parcels,
        cases=[SummaryBody.model_validate(case) for case in cases],
        calls=await _bodies(session, calls),
    )


async def _parcels(sisters: Sisters, phone: str) -> list[CallerParcel] | None:
    try:
        found = await sisters.parcels_by_phone(phone)
    except SisterDownError as error:
        log.warning("callers_parcels_not_asked", error=str(error)[:300])
        return None
    return None if found is None else found.parcels
