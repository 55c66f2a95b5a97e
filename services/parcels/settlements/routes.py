"""HTTP of settlements."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from services.parcels.dependencies import (
    Caller,
    Command,
    Page,
    Session,
    answer_once,
    require,
)
from services.parcels.settlements import service
from services.parcels.settlements.schemas import NewSettlements, OwnSettlement, SettlementsOut
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/settlements", tags=["cash on delivery"])

WRITE: Final = "accounts:write"
READ: Final = "parcels:read"


@router.post(
    "",
    status_code=201,
    operation_id="settle_cod",
    response_model=SettlementsOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def settle_cod(
    body: NewSettlements,
    caller: Annotated[Caller, Depends(require(WRITE))],
    session: Session,
    once: Command,
) -> Response:
    """Order all cash that is due to be paid to its partners: a payment order for each."""
    return await answer_once(
        session, once, lambda: service.settle(session, body, caller=caller, once=once)
    )


@router.get(
    "",
    operation_id="list_own_settlements",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": READ},
)
async def list_own_settlements(
    request: Request,
    response: Response,
    page: Page,
    caller: Annotated[Caller, Depends(require(READ))],
    session: Session,
) -> PageBody[OwnSettlement]:
    """What was ordered to be paid to you, newest first, with the bank's trace numbers."""
    found, cursor = await service.own(session, caller, page)
    link_next(request, response, cursor)
    return PageBody[OwnSettlement](items=found, next=cursor)
