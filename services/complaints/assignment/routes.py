"""Assignment over HTTP."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from services.complaints.assignment import service
from services.complaints.assignment.schemas import (
    AssignmentsBody,
    AssignRequest,
    OfficerBody,
    OfficerRequest,
)
from services.complaints.cases.domain import parse_number
from services.complaints.cases.routes import BODY, WRITES, Number, scope
from services.complaints.cases.schemas import SummaryBody
from services.complaints.dependencies import Answerer, Now, Page, Reader, Said, Session, said_once
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/complaints", tags=["complaints"])
officers = APIRouter(prefix="/v1/complaint-officers", tags=["complaint officers"])

Account = Annotated[UUID, Path(description="A staff account.")]
ANSWER: Final = scope("complaints:answer")
READ: Final = scope("complaints:read")


@router.get(
    "/{number}/assignments",
    operation_id="get_complaint_assignments",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=READ,
)
async def assignments(session: Session, number: Number, _: Reader) -> AssignmentsBody:
    """Whose the case is and was, and who watches it."""
    return await service.shown(session, parse_number(number))


@router.post(
    "/{number}/assignments",
    status_code=201,
    operation_id="assign_complaint",
    responses=WRITES,
    openapi_extra=ANSWER,
)
async def assign(
    session: Session, number: Number, caller: Answerer, now: Now, body: AssignRequest, once: Said
) -> AssignmentsBody:
    """Give an open case to an officer, or deal it out by the rule."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.reassign(session, case, caller, body, now),
        lambda: service.shown(session, case),
    )


@router.put(
    "/{number}/watchers/{account}",
    operation_id="watch_complaint",
    responses=responses(401, 403, 404, 409, 422, 503),
    openapi_extra=ANSWER,
)
async def watch(
    session: Session, number: Number, account: Account, caller: Answerer, now: Now
) -> AssignmentsBody:
    return await service.watch(session, parse_number(number), account, caller, now)


@router.delete(
    "/{number}/watchers/{account}",
    operation_id="unwatch_complaint",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=ANSWER,
)
async def unwatch(
    session: Session, number: Number, account: Account, caller: Answerer, now: Now
) -> AssignmentsBody:
    return await service.unwatch(session, parse_number(number), account, caller, now)


@officers.get(
    "",
    operation_id="list_complaint_officers",
    responses=responses(401, 403, 422, 503),
    openapi_extra=READ,
)
async def list_officers(
    request: Request, response: Response, session: Session, _: Reader, page: Page
) -> PageBody[OfficerBody]:
    """Who handles complaints, by account, with how many open cases."""
    found = await service.officers(session, page)
    link_next(request, response, found.next)
    return found


@officers.get(
    "/{account}/watched",
    operation_id="list_watched_complaints",
    responses=responses(401, 403, 422, 503),
    openapi_extra=READ,
)
async def watched(
    request: Request, response: Response, session: Session, account: Account, _: Reader, page: Page
) -> PageBody[SummaryBody]:
    """The cases that somebody watches, the newest first."""
    found = await service.watched(session, account, page)
    link_next(request, response, found.next)
    return found


@officers.put(
    "/{account}",
    operation_id="save_complaint_officer",
    responses=responses(*BODY, 403, 409),
    openapi_extra=ANSWER,
)
async def save_officer(
    session: Session, account: Account, _: Answerer, now: Now, body: OfficerRequest
) -> OfficerBody:
    """Register an account to handle cases of an office, a county or the province."""
    return await service.save_officer(session, account, body, now)


@officers.post(
    "/{account}/hand-over",
    operation_id="hand_over_complaints",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=ANSWER,
)
async def hand_over(session: Session, account: Account, _: Answerer, now: Now) -> OfficerBody:
    """Deal an officer's open cases out to others, at most 100 at a time."""
    return await service.hand_over(session, account, now)
