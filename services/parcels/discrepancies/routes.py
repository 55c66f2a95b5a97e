"""HTTP of discrepancies."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.parcels.booking import service as booking
from services.parcels.dependencies import (
    Caller,
    Effect,
    Now,
    Offices,
    Page,
    Session,
    answer_once,
    require,
)
from services.parcels.discrepancies import service
from services.parcels.discrepancies.domain import Kind
from services.parcels.discrepancies.schemas import Assignment, Closing, DiscrepancyOut
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1", tags=["custody"])

DECIDE = "custody:decide"
Decider = Annotated[Caller, Depends(require(DECIDE))]
SCOPE: dict[str, Any] = {"x-scope": DECIDE}
GET: dict[str, Any] = {
    "responses": responses(401, 403, 404, 422, 503),
    "openapi_extra": SCOPE,
}
CHANGE: dict[str, Any] = {
    "responses": responses(401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": SCOPE,
}


@router.get(
    "/discrepancies",
    operation_id="list_discrepancies",
    responses=responses(401, 403, 422, 503),
    openapi_extra=SCOPE,
)
async def list_discrepancies(
    request: Request,
    response: Response,
    page: Page,
    _: Decider,
    session: Session,
    offices: Offices,
    status: Annotated[Literal["open", "closed"] | None, Query()] = None,
    kind: Kind | None = None,
    owner: OfficeCode | None = None,
) -> PageBody[DiscrepancyOut]:
    """Newest first; of a kind, of an office that has to clear them up, still open."""
    opened = None if status is None else status == "open"
    found, cursor = await service.listing(
        session, offices, page, opened=opened, kind=kind, owner=owner, item_id=None
    )
    link_next(request, response, cursor)
    return PageBody[DiscrepancyOut](items=found, next=cursor)


@router.get("/parcels/{barcode}/discrepancies", operation_id="list_discrepancies_of_parcel", **GET)
async def list_discrepancies_of_parcel(
    request: Request,
    response: Response,
    page: Page,
    _: Decider,
    session: Session,
    offices: Offices,
    barcode: Annotated[str, Path(max_length=40)],
) -> PageBody[DiscrepancyOut]:
    """All of one item, newest first."""
    item_id = await booking.resolve(session, barcode)
    found, cursor = await service.listing(
        session, offices, page, opened=None, kind=None, owner=None, item_id=item_id
    )
    link_next(request, response, cursor)
    return PageBody[DiscrepancyOut](items=found, next=cursor)


@router.get("/discrepancies/{discrepancy_id}", operation_id="get_discrepancy", **GET)
async def get_discrepancy(
    discrepancy_id: UUID, _: Decider, session: Session, offices: Offices
) -> DiscrepancyOut:
    return await service.get(session, offices, discrepancy_id)


@router.post("/discrepancies/{discrepancy_id}/assign", operation_id="assign_discrepancy", **CHANGE)
async def assign_discrepancy(
    discrepancy_id: UUID,
    body: Assignment,
    _: Decider,
    session: Session,
    offices: Offices,
    now: Now,
) -> DiscrepancyOut:
    """Make another office clear it up."""
    return await service.assign(session, offices, discrepancy_id, body.office, now)


@router.post(
    "/discrepancies/{discrepancy_id}/close",
    operation_id="close_discrepancy",
    response_model=DiscrepancyOut,
    **CHANGE,
)
async def close_discrepancy(
    discrepancy_id: UUID,
    body: Closing,
    caller: Decider,
    session: Session,
    offices: Offices,
    now: Now,
    once: Effect,
) -> Response:
    """Close it by a decision with its reason."""
    return await answer_once(
        session,
        once,
        lambda: service.close(
            session, offices, discrepancy_id, body.reason, caller=caller, now=now
        ),
        status=200,
    )
