"""Use cases: assess a case, propose who is liable from the parcel's custody, decide it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.assignment import service as assignment
from services.complaints.cases import repository as cases
from services.complaints.cases.domain import CaseId
from services.complaints.cases.errors import CaseClosed
from services.complaints.cases.models import Case
from services.complaints.cases.repository import STAFF
from services.complaints.cases.service import Step, by_staff, moment, move, note, write
from services.complaints.clients import ParcelCustody, SisterDownError, Sisters
from services.complaints.liability import domain, repository
from services.complaints.liability.domain import Chain, Link, Misfit, Proposal
from services.complaints.liability.errors import CustodyUnknown, NothingProposed
from services.complaints.liability.models import Liability
from services.complaints.liability.schemas import (
    AssessRequest,
    ConfirmRequest,
    Decision,
    EntryBody,
    LiabilityBody,
)
from shared.auth import Caller
from shared.database import Database
from shared.errors import Invalid
from shared.idempotency import Once, said_once

log = structlog.get_logger(__name__)

LINKS_MAX: Final = 500
"""Of a chain that is longer, its end is looked at."""


class Asking(NamedTuple):
    """What the sisters are asked with, before the request's own transaction."""

    database: Database
    sisters: Sisters


class Told(NamedTuple):
    """What parcels says; `asked`: False where it is down. No custody: it is about no parcel."""

    custody: ParcelCustody | None
    asked: bool


async def _ask(asking: Asking, number: CaseId) -> Told:
    """In a transaction of its own, which ends before the sister is asked."""
    async with asking.database.transaction() as session:
        barcode = (await cases.find(session, number, STAFF)).barcode
    if barcode is None:
        return Told(None, asked=True)
    try:
        return Told(await asking.sisters.custody(barcode), asked=True)
    except SisterDownError as error:
        log.warning("custody_not_asked", error=str(error)[:300])
        return Told(None, asked=False)


async def assess(
    session: AsyncSession,
    asking: Asking,
    number: CaseId,
    caller: Caller,
    body: AssessRequest,
    once: Once | None,
    now: datetime,
) -> LiabilityBody:
    """Its severity, and who seems to be liable; without that where parcels cannot be asked."""
    told = await _ask(asking, number)

    async def say() -> LiabilityBody:
        case = await cases.find(session, number, STAFF, lock=True)
        step = by_staff(caller, moment(caller, body.occurred_at, now, after=case.updated_at), now)
        case.severity = body.severity
        case.category = body.category or case.category
        case.assessed_at = step.at
        await move(session, case, "assess", step)
        if body.text is not None:
            write(case, body.text, step, internal=True)
        if told.asked:
            await _propose(session, case, told, step)
        return await _shown(session, case, asked=told.asked)

    return await said_once(session, once, say, lambda: shown(session, number, asked=told.asked))


async def propose(
    session: AsyncSession,
    asking: Asking,
    number: CaseId,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> LiabilityBody:
    """Once more, from what is known of the parcel by now."""
    told = await _ask(asking, number)

    async def say() -> LiabilityBody:
        if not told.asked:
            raise CustodyUnknown("parcels cannot be asked now; try again shortly")
        case = await _open(session, number)
        await _propose(session, case, told, by_staff(caller, now, now))
        return await _shown(session, case, asked=True)

    return await said_once(session, once, say, lambda: shown(session, number))


async def _open(session: AsyncSession, number: CaseId) -> Case:
    case = await cases.find(session, number, STAFF, lock=True)
    if case.status == "closed":
        raise CaseClosed(f"the case {case.number} is closed: reopen it first")
    return case


async def _propose(session: AsyncSession, case: Case, told: Told, step: Step) -> None:
    chain = None if told.custody is None else _chain(told.custody)
    proposal = domain.propose(case.category, chain, case.office, step.at)
    await _add(session, case, proposal, act="proposed", step=step)
    await note(session, case, "case.liability_proposed", step)


def _chain(custody: ParcelCustody) -> Chain:
    links = [
        Link(
            event=event.event,
            event_id=event.event_id,
            at=event.occurred_at,
            office=event.office,
            trip=event.trip,
            courier=event.courier,
            operator=event.operator,
            reason=event.reason,
        )
        for event in custody.events[-LINKS_MAX:]
    ]
    misfits = [Misfit(one.kind, one.event_id) for one in custody.discrepancies]
    return Chain(links, misfits, custody.origin_office, custody.promised_at)


async def _add(
    session: AsyncSession,
    case: Case,
    proposal: Proposal,
    *,
    act: str,
    step: Step,
    reason: str | None = None,
) -> None:
    before = await repository.entries(session, case.id)
    reasons = [
        {**one._asdict(), "at": one.at.isoformat() if one.at else None, "text": text}
        for one in proposal.reasons
        for text in [domain.in_words(one)]
    ]
    session.add(
        Liability(
            case_id=case.id,
            nth=len(before) + 1,
            act=act,
            kind=proposal.kind,
            code=proposal.code,
            office=proposal.office,
            reasons=reasons,
            reason=reason,
            account=None if act == "proposed" else step.account,
            occurred_at=step.at,
        )
    )


async def decide(
    session: AsyncSession,
    asking: Asking,
    number: CaseId,
    caller: Caller,
    body: Decision,
    once: Once | None,
    now: datetime,
) -> LiabilityBody:
    """The officer's word; the office that answers handles the case from then on."""
    proposal = await _decided(asking.database, number, body)
    county = await _county(asking.sisters, proposal.office)
    step = by_staff(caller, now, now)

    async def say() -> LiabilityBody:
        case = await _open(session, number)
        await _settle(session, case, proposal, county, body, step)
        if not await assignment.assigned_by_hand(session, case):
            await assignment.assign(session, case, now)
        return await _shown(session, case, asked=True)

    return await said_once(session, once, say, lambda: shown(session, number))


async def _settle(
    session: AsyncSession,
    case: Case,
    proposal: Proposal,
    county: str | None,
    body: Decision,
    step: Step,
) -> None:
    confirmed = isinstance(body, ConfirmRequest)
    reason = None if isinstance(body, ConfirmRequest) else body.reason
    act = "confirmed" if confirmed else "overruled"
    await _add(session, case, proposal, act=act, step=step, reason=reason)
    case.liable_kind, case.liable_code = proposal.kind, proposal.code
    case.liable_office = proposal.office
    if proposal.office is not None and proposal.office != case.handling_office:
        case.handling_office, case.county = proposal.office, county
    await note(session, case, "case.liability_decided", step)


async def _decided(database: Database, number: CaseId, body: Decision) -> Proposal:
    """What is decided: the newest proposal, or what the officer says instead."""
    async with database.transaction() as session:
        case = await cases.find(session, number, STAFF)
        entries = await repository.entries(session, case.id)
    if not isinstance(body, ConfirmRequest):
        code = body.office if body.kind == "office" else body.code
        return Proposal(body.kind, code, body.office, ())
    proposed = [entry for entry in entries if entry.act == "proposed"]
    if not proposed:
        raise NothingProposed(f"nobody was proposed for {case.number}: assess it, or overrule")
    newest = EntryBody.model_validate(proposed[-1])
    return Proposal(newest.kind, newest.code, newest.office, ())


async def _county(sisters: Sisters, office: str | None) -> str | None:
    """Refused where offices says there is no such office; unknown where it cannot be asked."""
    if office is None:
        return None
    try:
        found = await sisters.office(office)
    except SisterDownError as error:
        log.warning("office_not_asked", error=str(error)[:300])
        return None
    if found is None:
        raise Invalid.field("body.office", "No office has this code", "unknown_office")
    return found.county


async def shown(session: AsyncSession, number: CaseId, *, asked: bool = True) -> LiabilityBody:
    return await _shown(session, await cases.find(session, number, STAFF), asked=asked)


async def _shown(session: AsyncSession, case: Case, *, asked: bool) -> LiabilityBody:
    await session.flush()
    entries: Sequence[Liability] = await repository.entries(session, case.id)
    told = {
        name: getattr(case, name)
        for name in ("number", "status", "severity", "category", "liable_kind", "liable_code")
    }
    return LiabilityBody(
        **told,
        liable_office=case.liable_office,
        decided=case.liable_kind is not None,
        custody_asked=asked,
        entries=[EntryBody.model_validate(entry) for entry in entries],
    )
