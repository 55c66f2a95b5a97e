"""HTTP of next hops."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.dependencies import Caller, Page, Session, require
from services.parcels.hops import service
from services.parcels.hops.schemas import NextHopOut
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/routes/next-hops", tags=["transport"])

Reader = Annotated[Caller, Depends(require("reports:read"))]


@router.get(
    "",
    operation_id="list_next_hops",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "reports:read"},
)
async def list_next_hops(
    request: Request,
    response: Response,
    page: Page,
    _: Reader,
    session: Session,
    version: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="An earlier one; else the newest.")
    ] = None,
    centre: Annotated[OfficeCode | None, Query(description="Of this centre only.")] = None,
) -> PageBody[NextHopOut]:
    """Where each sorting centre sends what is for another; a version a change of the timetable."""
    found, cursor = await service.listing(session, version, centre, page)
    link_next(request, response, cursor)
    return PageBody[NextHopOut](items=found, next=cursor)
