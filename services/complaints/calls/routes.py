"""The contact centre over HTTP; whose numbers these are, only staff may know."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from services.complaints.calls import service
from services.complaints.calls.schemas import (
    CallBody,
    CallerBody,
    CallerRequest,
    CallRequest,
    EndRequest,
)
from services.complaints.cases.routes import BODY, WRITES, scope
from services.complaints.dependencies import (
    Answerer,
    Database,
    Effect,
    Now,
    Page,
    Session,
    SistersOf,
)
from services.complaints.filing.schemas import CalledRequest, FiledBody
from shared.errors import responses
from shared.idempotency import IdempotencyKey
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/contact-centre", tags=["contact centre"])

CallId = Annotated[int, Path(ge=1, lt=2**63)]
ANSWER: Final = scope("complaints:answer")


@router.post(
    "/calls",
    status_code=201,
    operation_id="start_call",
    responses=responses(*BODY, 403, 409),
    openapi_extra=ANSWER,
)
async def start(
    session: Session, caller: Answerer, now: Now, once: Effect, body: CallRequest
) -> CallBody:
    """A call begins: who takes it, and the caller's number."""
    return await service.start(session, caller, body, once, now)


@router.get(
    "/calls",
    operation_id="list_calls",
    responses=responses(401, 403, 422, 503),
    openapi_extra=ANSWER,
)
async def listing(
    request: Request,
    response: Response,
    session: Session,
    _: Answerer,
    page: Page,
    operator: Annotated[UUID | None, Query(description="Whose calls.")] = None,
) -> PageBody[CallBody]:
    """The log of calls, the newest first."""
    who = None if operator is None else str(operator)
    found = await service.listing(session, who, page)
    link_next(request, response, found.next)
    return found


@router.get(
    "/calls/{call_id}",
    operation_id="get_call",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=ANSWER,
)
async def read(session: Session, _: Answerer, call_id: CallId) -> CallBody:
    return await service.read(session, call_id)


@router.post(
    "/calls/{call_id}/cases",
    status_code=201,
    response_model=FiledBody,
    operation_id="file_complaint_in_call",
    responses=WRITES,
    openapi_extra=ANSWER,
)
async def file(
    session: Session,
    database: Database,
    sisters: SistersOf,
    caller: Answerer,
    now: Now,
    call_id: CallId,
    body: CalledRequest,
    key: IdempotencyKey = None,
) -> Response:
    """File a case for the caller; read out the number and the secret."""
    complaint = service.Complaint(call_id, body, key)
    return (await service.file(session, database, sisters, caller, complaint, now)).response()


@router.post(
    "/calls/{call_id}/end",
    operation_id="end_call",
    responses=WRITES,
    openapi_extra=ANSWER,
)
async def end(
    session: Session, caller: Answerer, now: Now, call_id: CallId, body: EndRequest
) -> CallBody:
    return await service.end(session, caller, call_id, body, now)


@router.get(
    "/calls/{call_id}/caller",
    operation_id="get_caller",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=ANSWER,
)
async def caller_of(
    session: Session, database: Database, sisters: SistersOf, _: Answerer, call_id: CallId
) -> CallerBody:
    """The caller's parcels, cases and earlier calls."""
    return await service.caller_of(session, database, sisters, call_id)


@router.post(
    "/callers",
    operation_id="find_caller",
    responses=responses(*BODY, 403),
    openapi_extra=ANSWER,
)
async def caller_by_phone(
    session: Session, sisters: SistersOf, _: Answerer, body: CallerRequest
) -> CallerBody:
    """The same by a number, which is asked in the body: a URL is written to logs."""
    return await service.caller_by_phone(session, sisters, body.phone)
