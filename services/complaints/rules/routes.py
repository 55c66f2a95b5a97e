"""HTTP of the rules of compensation: everybody may read them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.complaints.dependencies import Command, Decider, Page, Session
from services.complaints.rules import service
from services.complaints.rules.schemas import NewRules, RulesOut
from shared.errors import responses
from shared.fields import Day
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/compensation-rules", tags=["compensation"])


@router.get(
    "",
    operation_id="list_compensation_rules",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "public"},
)
async def list_compensation_rules(
    request: Request, response: Response, page: Page, session: Session
) -> PageBody[RulesOut]:
    """Every version, the latest first."""
    found, cursor = await service.listing(session, page)
    link_next(request, response, cursor)
    return PageBody[RulesOut](items=found, next=cursor)


@router.get(
    "/in-force",
    operation_id="get_compensation_rules",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "public"},
)
async def get_compensation_rules(on: Annotated[Day, Query()], session: Session) -> RulesOut:
    """Those that hold for claims opened on a day."""
    return await service.on_day(session, on)


@router.post(
    "",
    status_code=201,
    operation_id="publish_compensation_rules",
    response_model=RulesOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": "claims:decide"},
)
async def publish_compensation_rules(
    body: NewRules, caller: Decider, session: Session, once: Command
) -> Response:
    """A version from a day to come: caps, shares, thresholds, time-bars."""
    return (await service.publish(session, body, caller=caller, once=once)).response()
