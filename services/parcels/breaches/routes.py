"""HTTP of breaches."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.parcels.breaches import service
from services.parcels.breaches.schemas import BreachOut
from services.parcels.dependencies import Caller, Offices, Page, Session, require
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/promise-breaches", tags=["promise"])

Reader = Annotated[Caller, Depends(require("parcels:read"))]


@router.get(
    "",
    operation_id="list_promise_breaches",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def list_promise_breaches(
    request: Request,
    response: Response,
    page: Page,
    caller: Reader,
    offices: Offices,
    session: Session,
) -> PageBody[BreachOut]:
    """Promises that ran out, of your own parcels; oldest booking first."""
    found, cursor = await service.listing(session, caller, offices, page)
    link_next(request, response, cursor)
    return PageBody[BreachOut](items=found, next=cursor)
