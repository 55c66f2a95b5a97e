"""Use cases of licences: issue, decide, record, and what a decision does when its time comes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, assert_never, cast
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.decisions import repository as decisions
from services.offices.decisions.models import Decision
from services.offices.decisions.schemas import DecisionOut
from services.offices.decisions.service import Basis, applied, decision, resting_on
from services.offices.licensing import domain, effects, repository
from services.offices.licensing.domain import Act, LicenceKind, Past, Path, Pending
from services.offices.licensing.errors import (
    DecisionNotFound,
    HolderNotHeard,
    KindMismatch,
    LicenceInForce,
    LicenceStopsOffice,
    NoAppeal,
    NoLicenceNeeded,
    NotPending,
    NumberTaken,
    TransitionNotPossible,
)
from services.offices.licensing.models import DecisionDue, Licence, LicenceHolder
from services.offices.licensing.repository import Filters
from services.offices.licensing.schemas import (
    AgendaRequest,
    DecidedOut,
    DecisionRequest,
    Holder,
    LicenceNumber,
    LicenceOut,
    LicenceRecord,
    LicenceView,
    RenewalRequest,
    RescissionRequest,
    SummonsRequest,
    VerdictRequest,
)
from services.offices.meetings import service as agenda
from services.offices.meetings.domain import SubjectKind
from services.offices.meetings.schemas import ItemOut
from services.offices.registry import repository as offices
from services.offices.registry import service as registry
from services.offices.registry.models import Office
from shared import pagination
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.errors import Invalid
from shared.fields import Day
from shared.pagination import Page


def path_of(kind: str) -> Path:
    path = domain.PATHS.get(kind)
    if path is None:
        raise NoLicenceNeeded(f"an office of the kind {kind} needs no licence")
    return path


async def check_free(session: AsyncSession, number: str, kind: LicenceKind, office: Office) -> None:
    """The number is new, and the office, which the caller has locked, has none of the kind."""
    if office.kind != kind:
        raise KindMismatch(f"{office.code} is of the kind {office.kind}, the licence of {kind}")
    await repository.lock_numbers(session)
    if number in await repository.by_number(session, [number]):
        raise NumberTaken(f"there is a licence with the number {number}")
    standing = (await repository.in_force(session, [office.id])).get((office.id, kind))
    if standing is not None:
        raise LicenceInForce(f"{office.code} has the licence {standing.number}, {standing.status}")


def new_licence(
    office: Office,
    kind: LicenceKind,
    number: str,
    validity: tuple[date, date | None],
    holder: Holder | None,
    now: datetime,
) -> Licence:
    licence_id = uuid4()
    return Licence(
        id=licence_id,
        number=number,
        office_id=office.id,
        site=office,
        kind=kind,
        valid_from=validity[0],
        valid_until=validity[1],
        status=domain.follow(None, "issue"),
        holder=None
        if holder is None
        else LicenceHolder(licence_id=licence_id, **holder.model_dump()),
        version=1,
        created_at=now,
        updated_at=now,
    )


async def issue(
    session: AsyncSession, licence: Licence, basis: Basis, *, by: str, now: datetime
) -> Licence:
    """Save a new licence with the decision that made it."""
    made = decision(("licence", licence.id), ("issue", None, licence.status), basis, by=by, now=now)
    applied(made, now)
    session.add_all([licence, made])
    await effects.told(session, licence, made, now)
    return licence


async def lock(session: AsyncSession, licence_id: UUID, now: datetime) -> Licence:
    """The licence, locked, as it is now: what was due has taken effect."""
    licence = await repository.get(session, licence_id, lock=True)
    await effects.settle(session, licence, now)
    return licence


async def decide(
    session: AsyncSession,
    licence_id: UUID,
    wanted: DecisionRequest,
    *,
    caller: Caller,
    now: datetime,
) -> DecidedOut:
    """A decision takes effect at once or when the clock says so."""
    licence = await lock(session, licence_id, now)
    match wanted:
        case VerdictRequest():
            made = await _verdict(session, licence, wanted, {}, caller, now)
        case RenewalRequest(valid_until=last):
            _check_renewal(licence, last)
            until = {"valid_until": last and last.isoformat()}
            made = await _verdict(session, licence, wanted, until, caller, now)
        case RescissionRequest():
            made = await _rescind(session, licence, wanted, caller, now)
        case _:
            assert_never(wanted)
    return _decided(licence, made)


def _decided(licence: Licence, made: Decision) -> DecidedOut:
    return DecidedOut(
        decision=DecisionOut.model_validate(made), licence=LicenceOut.model_validate(licence)
    )


def _check_renewal(licence: Licence, last: date | None) -> None:
    if last is not None and (licence.valid_until is None or last <= licence.valid_until):
        raise Invalid.field("body.valid_until", "a renewal ends later than the licence does now")


async def _verdict(
    session: AsyncSession,
    licence: Licence,
    wanted: VerdictRequest | RenewalRequest,
    details: Mapping[str, Any],
    caller: Caller,
    now: datetime,
) -> Decision:
    act = wanted.transition
    effective_from = wanted.effective_from or now
    if effective_from < now:
        raise Invalid.field("body.effective_from", "a decision does not act back: not before now")
    pending = await repository.pending(session, licence.id)
    then = domain.project(licence.status, [_pending(each) for each in pending], effective_from)
    after = domain.follow(then, act)
    await _check_matter(session, licence, act, now)
    allowed = domain.AUTHORITIES[path_of(licence.kind)][act]
    basis = await resting_on(session, allowed, act, licence.id, wanted, details=details)
    made = decision(
        ("licence", licence.id),
        (act, then, after),
        basis,
        by=caller.id,
        now=now,
        effective_from=effective_from,
    )
    session.add(made)
    if effective_from <= now:
        await effects.check_only_active(session, licence, after)
        await effects.apply(session, licence, made, now)
    else:
        await _queue(session, licence, made, now)
    return made


def _pending(each: Decision) -> Pending:
    return Pending(cast("Act", each.transition), each.effective_from)


async def _check_matter(session: AsyncSession, licence: Licence, act: Act, now: datetime) -> None:
    """The holder was heard before a suspension or revocation; an appeal is there to be decided."""
    past = [
        Past(each.transition, each.decided_at, _hearing_on(each))
        for each in await decisions.history(session, licence.id)
    ]
    if act in domain.HEARING_NEEDED and not domain.holder_heard(past, tehran_date(now)):
        raise HolderNotHeard(
            f"{act}: record the holder's defence, or a summons whose day has passed, in this matter"
        )
    if act in {"uphold", "overturn"} and not domain.appeal_open(past):
        raise NoAppeal(f"{act}: record the holder's appeal first")


def _hearing_on(each: Decision) -> date | None:
    found = each.details.get("hearing_on")
    return date.fromisoformat(found) if isinstance(found, str) else None


async def _queue(session: AsyncSession, licence: Licence, made: Decision, now: datetime) -> None:
    await session.flush()
    session.add(
        DecisionDue(decision_id=made.id, licence_id=licence.id, effective_from=made.effective_from)
    )
    await effects.told(session, licence, made, now, "licence.decided")


async def _rescind(
    session: AsyncSession,
    licence: Licence,
    wanted: RescissionRequest,
    caller: Caller,
    now: datetime,
) -> Decision:
    target = await decisions.get(session, wanted.decision)
    if target is None or target.subject_id != licence.id:
        raise DecisionNotFound(f"this licence has no decision {wanted.decision}")
    if target.outcome is not None:
        raise NotPending(f"the decision is {target.effect}: it reverses by a new decision")
    allowed = domain.AUTHORITIES[path_of(licence.kind)]["rescind"] & {target.authority}
    details = {"decision": str(target.id)}
    basis = await resting_on(session, allowed, "rescind", licence.id, wanted, details=details)
    step = ("rescind", licence.status, domain.follow(licence.status, "rescind"))
    made = decision(("licence", licence.id), step, basis, by=caller.id, now=now)
    session.add(made)
    await effects.end(session, target, "rescinded", f"by the decision {made.id}", now)
    await effects.apply(session, licence, made, now)
    return made


async def record(
    session: AsyncSession, licence_id: UUID, wanted: LicenceRecord, *, caller: Caller, now: datetime
) -> DecidedOut:
    """What was found, said or asked, by a clerk: it changes no status and is kept for good."""
    licence = await lock(session, licence_id, now)
    act = wanted.transition
    after = domain.follow(licence.status, act)
    if isinstance(wanted, SummonsRequest):
        basis = Basis("clerk", wanted.text, details={"hearing_on": wanted.hearing_on.isoformat()})
    else:
        basis = Basis("clerk", wanted.text, reference=wanted.reference)
    made = decision(
        ("licence", licence.id), (act, licence.status, after), basis, by=caller.id, now=now
    )
    session.add(made)
    await effects.apply(session, licence, made, now)
    return _decided(licence, made)


async def put_on_agenda(
    session: AsyncSession, licence_id: UUID, wanted: AgendaRequest, *, caller: Caller, now: datetime
) -> ItemOut:
    licence = await lock(session, licence_id, now)
    possible = domain.matters(path_of(licence.kind), licence.status)
    if wanted.matter not in possible:
        raise TransitionNotPossible(
            f"{wanted.matter}: of this licence, {licence.status}, the working group decides"
            f" {', '.join(possible) or 'nothing'}"
        )
    subject: tuple[SubjectKind, UUID] = ("licence", licence.id)
    return await agenda.add_item(
        session, wanted.meeting, subject, wanted.matter, None, caller=caller, now=now
    )


async def reopen_office(
    session: AsyncSession, code: str, *, caller: Caller, now: datetime
) -> Office:
    """As the registry reopens, but not while a licence suspended or revoked stops the office."""
    locked = await offices.lock(session, [code])
    if code in locked and (licence := await repository.stopping(session, locked[code])):
        cause = await repository.last_that_stopped(session, licence.id)
        named = f" by the decision {cause.id} of {tehran_date(cause.decided_at)}" if cause else ""
        raise LicenceStopsOffice(
            f"the licence {licence.number} is {licence.status}{named}: it takes a new decision"
        )
    return await registry.reopen(session, code, caller=caller, now=now)


async def view(session: AsyncSession, licence_id: UUID) -> LicenceView:
    licence = await repository.get(session, licence_id)
    pending = await repository.pending(session, licence.id)
    shown = LicenceOut.model_validate(licence).model_dump()
    return LicenceView.model_validate(
        shown | {"pending": [DecisionOut.model_validate(each) for each in pending]}
    )


async def listing(
    session: AsyncSession, wanted: Filters, sort: str, page: Page
) -> tuple[list[LicenceOut], str | None]:
    rows: Sequence[Licence]
    try:
        if sort == "number":
            by_number = page.after and _BY_NUMBER.validate_python(page.after)
            rows = await repository.listing(
                session, wanted, after=by_number or None, limit=page.limit + 1
            )
        else:
            by_end = page.after and _BY_END.validate_python(page.after)
            rows = await repository.expiring(
                session, wanted, after=by_end or None, limit=page.limit + 1
            )
    except ValidationError:
        raise pagination.not_a_cursor() from None
    shown, following = pagination.cut(rows, page, lambda row: _key(row, sort))
    return [LicenceOut.model_validate(row) for row in shown], following


_BY_NUMBER: Final[TypeAdapter[tuple[str]]] = TypeAdapter(tuple[LicenceNumber])
_BY_END: Final[TypeAdapter[tuple[date, str]]] = TypeAdapter(tuple[Day, LicenceNumber])


def _key(row: Licence, sort: str) -> list[Any]:
    return [row.number] if sort == "number" else [str(row.valid_until), row.number]
