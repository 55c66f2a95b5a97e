"""HTTP of decisions on refunds."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.parcels.dependencies import Caller, Command, Now, Page, Session, require
from services.parcels.refunds import service
from services.parcels.refunds.schemas import DecidedOut, DecisionIn, DecisionsOut
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/refund-decisions", tags=["accounts"])
WRITE = "accounts:write"
Writer = Annotated[Caller, Depends(require(WRITE))]


@router.post(
    "",
    operation_id="decide_refunds",
    response_model=DecisionsOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def decide_refunds(
    body: DecisionIn, caller: Writer, session: Session, now: Now, once: Command
) -> Response:
    """Approve or reject proposed refunds, up to 1,000; approved ones are posted at once."""
    answer = await service.decide(session, body, caller=caller, once=once, now=now)
    return answer.response()


@router.get(
    "",
    operation_id="list_refund_decisions",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def list_refund_decisions(
    request: Request, response: Response, page: Page, _: Writer, session: Session
) -> PageBody[DecidedOut]:
    """By item."""
    found, cursor = await service.listing(session, page)
    link_next(request, response, cursor)
    return PageBody[DecidedOut](items=found, next=cursor)
