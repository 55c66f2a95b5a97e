"""Use cases of applications: file, step, decide, inquire; a licence comes of the last step."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, assert_never, cast, get_args
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.applications import domain, inquiries, repository
from services.offices.applications.domain import Step
from services.offices.applications.errors import (
    ApplicationChanged,
    InquiriesOpen,
    OfficeUnfit,
    StepNotPossible,
)
from services.offices.applications.models import Applicant, Application
from services.offices.applications.repository import Filters, Sort
from services.offices.applications.schemas import (
    ApplicationAgenda,
    ApplicationDecided,
    ApplicationDecision,
    ApplicationOut,
    ApplicationRequest,
    ClerksStep,
    IssueRequest,
    StepRequest,
    VerdictRequest,
    VisitRequest,
)
from services.offices.catalogue import repository as catalogued
from services.offices.catalogue import service as catalogue
from services.offices.catalogue.errors import UnknownService
from services.offices.decisions.models import Decision
from services.offices.decisions.schemas import DecisionOut
from services.offices.decisions.service import Basis, applied, decision, resting_on
from services.offices.licensing import service as licensing
from services.offices.licensing.domain import AppliedKind
from services.offices.licensing.models import Licence
from services.offices.licensing.schemas import Holder, LicenceOut
from services.offices.meetings import service as agenda
from services.offices.meetings.schemas import ItemOut
from services.offices.meetings.service import after_instant
from services.offices.registry import repository as offices
from services.offices.registry import service as registry
from services.offices.registry.errors import OfficeNotFound
from services.offices.registry.models import Office
from services.offices.registry.schemas import NewOffice
from services.offices.working_group.service import tell
from shared import pagination
from shared.auth import Caller
from shared.pagination import Page

TOLD: Final[dict[str, str]] = {
    "complete": "application.completed",
    "return": "application.returned",
    "resubmit": "application.resubmitted",
    "visit": "application.visited",
    "agree": "application.agreed",
    "refuse": "application.refused",
    "clear": "application.cleared",
    "withdraw": "application.withdrawn",
    "issue": "application.licensed",
}


async def file(
    session: AsyncSession, wanted: ApplicationRequest, *, caller: Caller, now: datetime
) -> ApplicationOut:
    kind = _applied_kind(wanted.kind)
    await _check_services(session, wanted.services)
    made = Application(
        id=uuid4(),
        kind=kind,
        state="received",
        services=sorted(set(wanted.services)),
        inquiries=[],
        version=1,
        created_by=caller.id,
        filed_at=now,
        updated_at=now,
        **await _where(session, wanted),
    )
    made.applicant = Applicant(application_id=made.id, **wanted.applicant.model_dump())
    session.add(made)
    await tell(session, "application.filed", now, subject=made.id, application=made)
    return ApplicationOut.model_validate(made)


def _applied_kind(kind: str) -> AppliedKind:
    licensing.path_of(kind)
    if kind not in get_args(AppliedKind):
        raise OfficeUnfit(f"{kind} is a kind of the past: apply for {get_args(AppliedKind)[0]}")
    return cast("AppliedKind", kind)


async def _check_services(session: AsyncSession, codes: Sequence[str]) -> None:
    if unknown := await catalogued.unknown_services(session, codes):
        raise UnknownService(f"services: not in the catalogue: {', '.join(unknown)}")


async def _where(session: AsyncSession, wanted: ApplicationRequest) -> dict[str, Any]:
    """The place applied for: that of an office, or of one to be founded."""
    if wanted.new_office is not None:
        new = wanted.new_office
        return {
            "proposal": new.model_dump(mode="json"),
            "site": None,
            "place": await offices.town(session, new.town),
            "latitude": new.latitude,
            "longitude": new.longitude,
        }
    office = await offices.get(session, wanted.office or "")
    _check_fit(office, wanted.kind)
    return {
        "site": office,
        "place": office.place,
        "latitude": office.latitude,
        "longitude": office.longitude,
    }


def _check_fit(office: Office, kind: str) -> None:
    if office.kind != kind or office.status == "closed":
        raise OfficeUnfit(
            f"{office.code} is {office.kind}, {office.status}: the application is for {kind}"
        )


# Steps


async def step(
    session: AsyncSession,
    application_id: UUID,
    wanted: ClerksStep,
    *,
    caller: Caller,
    now: datetime,
) -> ApplicationDecided:
    """A clerk's step."""
    application = await _read_at(session, application_id, wanted.version)
    following = _follow(application, wanted.transition)
    match wanted:
        case VisitRequest():
            seen = {"visited_on": wanted.visited_on.isoformat(), "favourable": wanted.favourable}
            basis = Basis("clerk", wanted.text, details=seen)
        case StepRequest():
            basis = Basis("clerk", wanted.text, reference=wanted.reference)
        case _:
            assert_never(wanted)
    if wanted.transition == "clear":
        _check_cleared(application)
    return await _step(session, application, wanted.transition, following, basis, caller, now)


async def _read_at(session: AsyncSession, application_id: UUID, version: int) -> Application:
    """The application, locked, if it is still as whoever decides has read it.

    Without this, of two clerks at once the second would decide on what the first left behind.
    """
    application = await repository.get(session, application_id, lock=True)
    if application.version != version:
        raise ApplicationChanged(
            f"it is at version {application.version}, {application.state}: read it again"
        )
    return application


def _follow(application: Application, act: domain.Act) -> Step:
    return domain.follow(licensing.path_of(application.kind), application.state, act)


def _check_cleared(application: Application) -> None:
    answers = [(each.kind, each.round, each.answer) for each in application.inquiries]
    if missing := domain.not_cleared(answers):
        raise InquiriesOpen(f"clear: {', '.join(missing)}")


async def decide(
    session: AsyncSession,
    application_id: UUID,
    wanted: ApplicationDecision,
    *,
    caller: Caller,
    prefix: str,
    now: datetime,
) -> ApplicationDecided:
    """Agreement, refusal or the licence, each by the vote or letter that it takes.

    `prefix` begins the code of an office that is founded with its licence.
    """
    application = await _read_at(session, application_id, wanted.version)
    act = wanted.transition
    following = _follow(application, act)
    allowed = frozenset({following.authority})
    basis = await resting_on(
        session, allowed, act, application.id, wanted, since=application.updated_at
    )
    licence: Licence | None = None
    match wanted:
        case IssueRequest():
            licence = await _issue(session, application, wanted, basis, caller, prefix, now)
        case VerdictRequest():
            pass
        case _:
            assert_never(wanted)
    if act == "agree":
        await inquiries.ask(session, application, domain.INQUIRIES, now)
    decided = await _step(session, application, act, following, basis, caller, now)
    return decided.model_copy(update={"licence": licence and LicenceOut.model_validate(licence)})


async def _step(
    session: AsyncSession,
    application: Application,
    act: domain.Act,
    following: Step,
    basis: Basis,
    caller: Caller,
    now: datetime,
) -> ApplicationDecided:
    made = decision(
        ("application", application.id),
        (act, application.state, following.after),
        basis,
        by=caller.id,
        now=now,
    )
    applied(made, now)
    session.add(made)
    application.state = following.after
    application.version += 1
    application.updated_at = now
    await _tell(session, TOLD[act], application, made, now)
    return ApplicationDecided(
        decision=DecisionOut.model_validate(made),
        application=ApplicationOut.model_validate(application),
        licence=None,
    )


async def _tell(
    session: AsyncSession, event: str, application: Application, made: Decision, now: datetime
) -> None:
    await tell(session, event, now, subject=application.id, application=application, decision=made)


async def _issue(
    session: AsyncSession,
    application: Application,
    wanted: IssueRequest,
    basis: Basis,
    caller: Caller,
    prefix: str,
    now: datetime,
) -> Licence:
    office = await _office(session, application, caller, prefix, now)
    await licensing.check_free(session, wanted.number, application.kind, office)
    services, begins = application.services, wanted.valid_from
    await catalogue.check_rules(session, application.kind, services, begins)
    validity = (wanted.valid_from, wanted.valid_until)
    licence = licensing.new_licence(
        office, application.kind, wanted.number, validity, _holder(application), now
    )
    await licensing.issue(session, licence, basis, by=caller.id, now=now)
    application.site, application.licence_id = office, licence.id
    return licence


def _holder(application: Application) -> Holder | None:
    """The applicant; nobody where the person is erased."""
    person = application.applicant
    if person is None:
        return None
    return Holder.model_validate({name: getattr(person, name) for name in Holder.model_fields})


async def _office(
    session: AsyncSession, application: Application, caller: Caller, prefix: str, now: datetime
) -> Office:
    """The office applied for, locked; founded now if it is a new one."""
    code = application.office
    if code is None:
        proposed = NewOffice.model_validate(application.proposal)
        made = await registry.create(
            session, proposed, caller=caller, prefix=prefix, once=None, now=now
        )
        code = made.headers["Location"].rpartition("/")[2]
    office = (await offices.lock(session, [code])).get(code)
    if office is None:
        raise OfficeNotFound(f"there is no office {code}")
    _check_fit(office, application.kind)
    return office


async def put_on_agenda(
    session: AsyncSession,
    application_id: UUID,
    wanted: ApplicationAgenda,
    *,
    caller: Caller,
    now: datetime,
) -> ItemOut:
    application = await repository.get(session, application_id, lock=True)
    possible = domain.matters(licensing.path_of(application.kind), application.state)
    if wanted.matter not in possible:
        raise StepNotPossible(
            f"{wanted.matter}: of this application, {application.state}, the working group decides"
            f" {', '.join(possible) or 'nothing'}"
        )
    place = {
        "kind": application.kind,
        "town": application.town,
        "latitude": application.latitude,
        "longitude": application.longitude,
    }
    return await agenda.add_item(
        session,
        wanted.meeting,
        ("application", application.id),
        wanted.matter,
        place,
        caller=caller,
        now=now,
    )


# Reading


async def read(session: AsyncSession, application_id: UUID) -> ApplicationOut:
    return ApplicationOut.model_validate(await repository.get(session, application_id))


async def listing(
    session: AsyncSession, wanted: Filters, sort: Sort, page: Page, now: datetime
) -> tuple[list[ApplicationOut], str | None]:
    rows = await repository.listing(
        session, wanted, sort, now, after=after_instant(page), limit=page.limit + 1
    )
    shown, following = pagination.cut(
        rows, page, lambda row: [getattr(row, sort).isoformat(), str(row.id)]
    )
    return [ApplicationOut.model_validate(row) for row in shown], following
