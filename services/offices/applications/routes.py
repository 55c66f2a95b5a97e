"""HTTP of applications for a licence, and of the inquiries about them."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.offices.applications import inquiries as asked
from services.offices.applications import service
from services.offices.applications.domain import InquiryKind, State
from services.offices.applications.repository import Filters, Sort
from services.offices.applications.schemas import (
    AnswerRequest,
    ApplicationAgenda,
    ApplicationDecided,
    ApplicationDecision,
    ApplicationOut,
    ApplicationRequest,
    AskAgainRequest,
    ClerksStep,
    InquiryOut,
    TermOut,
    TermRequest,
    TermsOut,
)
from services.offices.decisions import service as decisions
from services.offices.decisions.schemas import DecisionOut
from services.offices.dependencies import (
    LICENSING_DECIDE,
    LICENSING_READ,
    LICENSING_WRITE,
    Effect,
    LicensingDecider,
    LicensingReader,
    LicensingWriter,
    Now,
    Page,
    Session,
    Settings,
    answer_once,
)
from services.offices.licensing.domain import AppliedKind
from services.offices.meetings.schemas import ItemOut, Moment
from services.offices.registry.schemas import Slug
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/applications", tags=["licensing"])
inquiries = APIRouter(prefix="/v1/inquiries", tags=["licensing"])
terms = APIRouter(prefix="/v1/inquiry-terms", tags=["licensing"])

READ: Final[dict[str, Any]] = {"openapi_extra": {"x-scope": LICENSING_READ}}
LIST: Final[dict[str, Any]] = READ | {"responses": responses(401, 403, 422, 503)}
COMMAND: Final[dict[str, Any]] = {
    "status_code": 201,
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": LICENSING_WRITE},
}


@router.post("", operation_id="file_application", response_model=ApplicationOut, **COMMAND)
async def file_application(
    body: ApplicationRequest, caller: LicensingWriter, session: Session, now: Now, effect: Effect
) -> Response:
    return await answer_once(
        session, effect, lambda: service.file(session, body, caller=caller, now=now)
    )


async def _filters(
    *,
    state: State | None = None,
    kind: AppliedKind | None = None,
    county: Slug | None = None,
    town: Slug | None = None,
    overdue: Annotated[
        bool, Query(description="Only those that wait for an inquiry past its time.")
    ] = False,
) -> Filters:
    return Filters(state, kind, county, town, overdue)


@router.get("", operation_id="list_applications", **LIST)
async def list_applications(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    now: Now,
    _: LicensingReader,
    wanted: Annotated[Filters, Depends(_filters)],
    sort: Sort = "filed_at",
) -> PageBody[ApplicationOut]:
    """The newest first."""
    items, following = await service.listing(session, wanted, sort, page, now)
    link_next(request, response, following)
    return PageBody[ApplicationOut](items=items, next=following)


@router.get(
    "/{application_id}",
    operation_id="get_application",
    responses=responses(401, 403, 404, 422, 503),
    **READ,
)
async def get_application(
    application_id: UUID, session: Session, _: LicensingReader
) -> ApplicationOut:
    return await service.read(session, application_id)


@router.get("/{application_id}/decisions", operation_id="list_application_decisions", **LIST)
async def list_application_decisions(
    request: Request,
    response: Response,
    application_id: UUID,
    page: Page,
    session: Session,
    _: LicensingReader,
) -> PageBody[DecisionOut]:
    """In the order they were made; of an application that is none, an empty page."""
    items, following = await decisions.listing(session, application_id, page)
    link_next(request, response, following)
    return PageBody[DecisionOut](items=items, next=following)


@router.post(
    "/{application_id}/steps",
    operation_id="step_application",
    response_model=ApplicationDecided,
    **COMMAND,
)
async def step_application(
    application_id: UUID,
    body: ClerksStep,
    caller: LicensingWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """Complete, returned for completion, sent again, visited, cleared or withdrawn."""
    return await answer_once(
        session, effect, lambda: service.step(session, application_id, body, caller=caller, now=now)
    )


@router.post(
    "/{application_id}/decisions",
    operation_id="decide_application",
    response_model=ApplicationDecided,
    **COMMAND | {"openapi_extra": {"x-scope": LICENSING_DECIDE}},
)
async def decide_application(
    application_id: UUID,
    body: ApplicationDecision,
    caller: LicensingDecider,
    session: Session,
    settings: Settings,
    now: Now,
    effect: Effect,
) -> Response:
    """Agreement in principle, refusal, or the regulator's licence.

    Agreement opens the inquiries; the licence founds the office where there is none yet.
    """
    return await answer_once(
        session,
        effect,
        lambda: service.decide(
            session, application_id, body, caller=caller, prefix=settings.code_prefix, now=now
        ),
    )


@router.post(
    "/{application_id}/agenda",
    operation_id="put_application_on_agenda",
    response_model=ItemOut,
    **COMMAND,
)
async def put_application_on_agenda(
    application_id: UUID,
    body: ApplicationAgenda,
    caller: LicensingWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """Ask the working group, at one of its meetings, whether it agrees."""
    return await answer_once(
        session,
        effect,
        lambda: service.put_on_agenda(session, application_id, body, caller=caller, now=now),
    )


@router.post(
    "/{application_id}/inquiries",
    operation_id="ask_inquiry_again",
    response_model=ApplicationOut,
    **COMMAND,
)
async def ask_inquiry_again(
    application_id: UUID,
    body: AskAgainRequest,
    _: LicensingWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """A new round of an inquiry that was answered unfavourably."""
    return await answer_once(
        session, effect, lambda: asked.ask_again(session, application_id, body.kind, now)
    )


@inquiries.get("", operation_id="list_inquiries", **LIST)
async def list_inquiries(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    _: LicensingReader,
    kind: InquiryKind | None = None,
    due_before: Annotated[
        Moment | None, Query(description="Now, for those whose time has passed.")
    ] = None,
) -> PageBody[InquiryOut]:
    """The open ones, the next due first."""
    items, following = await asked.listing(session, kind, due_before, page)
    link_next(request, response, following)
    return PageBody[InquiryOut](items=items, next=following)


@inquiries.post(
    "/{inquiry_id}/answer",
    operation_id="answer_inquiry",
    response_model=InquiryOut,
    **COMMAND | {"status_code": 200},
)
async def answer_inquiry(
    inquiry_id: UUID,
    body: AnswerRequest,
    caller: LicensingWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    return await answer_once(
        session,
        effect,
        lambda: asked.answer(session, inquiry_id, body, caller=caller, now=now),
        status=200,
    )


@terms.get("", operation_id="list_inquiry_terms", **LIST)
async def list_inquiry_terms(session: Session, _: LicensingReader) -> TermsOut:
    return await asked.terms(session)


@terms.put(
    "/{kind}",
    operation_id="put_inquiry_term",
    responses=responses(400, 401, 403, 413, 422, 503),
    openapi_extra={"x-scope": LICENSING_WRITE},
)
async def put_inquiry_term(
    kind: InquiryKind, body: TermRequest, caller: LicensingWriter, session: Session, now: Now
) -> TermOut:
    """How many days an inquiry of the kind may take that is asked from `valid_from` on."""
    return await asked.put_term(session, kind, body, caller=caller, now=now)
