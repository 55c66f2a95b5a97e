"""Use case: file a case, or join the one that is open about the same parcel."""

import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.assignment import service as assignment
from services.complaints.cases import domain as case_domain
from services.complaints.cases import repository as cases
from services.complaints.cases.models import Case, Complainant, Party
from services.complaints.cases.service import (
    Step,
    by_complainant,
    moment,
    move,
    publish,
    reach,
    write,
)
from services.complaints.clients import Sisters
from services.complaints.clocks import service as clocks
from services.complaints.clocks.sheets import Moment
from services.complaints.filing import domain, repository
from services.complaints.filing.schemas import CaseRequest, FiledBody
from services.complaints.subjects import service as subjects
from services.complaints.vocabulary import Channel
from shared.auth import Caller
from shared.calendar import jalali_date
from shared.errors import Forbidden, Invalid
from shared.idempotency import Answer, Once, once

Then = Callable[[Case], Awaitable[None]]


async def file(
    session: AsyncSession,
    sisters: Sisters,
    caller: Caller,
    body: CaseRequest,
    key: str | None,
    now: datetime,
    *,
    then: Then | None = None,
) -> Answer:
    """A new case, or a part of an open one about the same parcel; `then`: in its transaction.

    Its subject is refused only where the subject's service says there is none.
    """
    at = moment(caller, body.occurred_at, now)
    channel = _channel(caller, body)
    looked = await subjects.ask(sisters, body.about)  # before the session's first statement
    if looked is not None and not looked.found:
        raise _no_such_subject(body)

    async def work() -> Answer:
        nonce = secrets.token_bytes(32)
        hashed = case_domain.secret_hash(case_domain.case_secret(nonce, key or ""))
        case = await _open_case(session, body)
        joined = case is not None
        if case is None:
            case = _new_case(caller, body, channel, hashed, at, now)
            subjects.start(case, looked, now)
            await _file_new(session, case, body.text, by_complainant(0, at, now))
        else:
            await _join(session, case, body, channel, hashed, at=at, now=now)
        if then is not None:
            await then(case)
        return _stored(case, nonce, at, joined=joined)

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


def _channel(caller: Caller, body: CaseRequest) -> Channel:
    channel = body.channel or domain.usual_channel(caller.kind)
    staff = "complaints:answer" in caller.scopes or "backfill" in caller.scopes
    if body.channel is not None and not domain.may_use(channel, caller.kind, staff=staff):
        raise Forbidden(f"body.channel: you cannot file by {channel}; leave it out")
    return channel


def _no_such_subject(body: CaseRequest) -> Invalid:
    about = body.about.model_dump()
    if about.get("barcode") is not None:
        return Invalid.field(
            f"body.about.{body.about.kind}.barcode", "No parcel has this barcode", "unknown_parcel"
        )
    return Invalid.field(
        f"body.about.{body.about.kind}.office", "No office has this code", "unknown_office"
    )


async def _open_case(session: AsyncSession, body: CaseRequest) -> Case | None:
    if body.about.kind != "parcel":
        return None
    await repository.lock_parcel(session, body.about.barcode)
    return await repository.first_open(session, body.about.barcode)


def _new_case(
    caller: Caller,
    body: CaseRequest,
    channel: Channel,
    secret_hash: bytes,
    at: datetime,
    now: datetime,
) -> Case:
    person = body.complainant
    return Case(
        **body.about.model_dump(),
        year=int(jalali_date(at)[:4]),
        category=body.category,
        channel=channel,
        remedy=body.remedy,
        partner=caller.id if caller.kind in domain.PARTNERS else None,
        severity="normal",
        status="received",
        version=1,
        secret_hash=secret_hash,
        message_count=0,
        stage_count=0,
        joined_count=0,
        attachment_count=0,
        reopened_count=0,
        filed_at=at,
        recorded_at=now,
        updated_at=at,
        complainants=[Complainant(party=0, name=person.name, phone=person.phone)],
    )


async def _file_new(session: AsyncSession, case: Case, text: str, step: Step) -> None:
    """Received and, by the answer that has its number and secret, acknowledged."""
    write(case, text, step)
    reach(case, "file", "received", step)
    reach(case, "acknowledge", "acknowledged", Step("system", None, None, step.at, step.now))
    await cases.add(session, case)
    await publish(session, "case.filed", case, step.at)
    await clocks.start(session, case, Moment(step.at, step.now))
    await assignment.assign(session, case, step.at)


async def _join(
    session: AsyncSession,
    case: Case,
    body: CaseRequest,
    channel: Channel,
    secret_hash: bytes,
    *,
    at: datetime,
    now: datetime,
) -> None:
    """Not lost: its words are an entry of the thread, its complainant has an own secret."""
    case.joined_count += 1
    step = by_complainant(case.joined_count, at, now)
    entry = write(case, body.text, step)
    case.parties.append(
        Party(
            party=case.joined_count,
            secret_hash=secret_hash,
            channel=channel,
            category=body.category,
            first_nth=entry.nth,
            joined_at=at,
            recorded_at=now,
        )
    )
    person = body.complainant
    case.complainants.append(
        Complainant(party=case.joined_count, name=person.name, phone=person.phone)
    )
    await move(session, case, "join", step)


def _stored(case: Case, nonce: bytes, at: datetime, *, joined: bool) -> Answer:
    """The answer as a replay finds it: the nonce in place of the secret."""
    body: dict[str, Any] = {
        "number": case.number,
        "nonce": nonce.hex(),
        "status": case.status,
        "filed_at": at.isoformat(),
        "snapshot_pending": case.snapshot_pending,
        "joined": joined,
    }
    headers = {"Location": f"/v1/complaints/{case.number}", "Cache-Control": "no-store"}
    return Answer(201, json.dumps(body).encode(), headers)


def _revealed(answer: Answer, key: str) -> Answer:
    body = json.loads(answer.body)
    secret = case_domain.case_secret(bytes.fromhex(body.pop("nonce")), key)
    shown = FiledBody(secret=secret, **body)
    return Answer(answer.status, shown.model_dump_json().encode(), answer.headers)
