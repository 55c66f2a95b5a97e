"""HTTP of corrections."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from services.parcels.corrections import service
from services.parcels.corrections.schemas import (
    DeclarationOut,
    NewDeclaration,
    NewRuling,
    RecordedEvents,
    RulingOut,
    UnmatchedOut,
)
from services.parcels.dependencies import Caller, Now, Offices, Page, Session, require
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1", tags=["custody"])

DECIDE = "custody:decide"
Decider = Annotated[Caller, Depends(require(DECIDE))]
BarcodePath = Annotated[str, Path(max_length=40)]
SCOPE: dict[str, Any] = {"x-scope": DECIDE}
DECISION: dict[str, Any] = {
    "responses": responses(401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": SCOPE,
}


@router.post("/parcels/{barcode}/declarations", operation_id="declare_event", **DECISION)
async def declare_event(
    barcode: BarcodePath,
    body: NewDeclaration,
    caller: Decider,
    session: Session,
    offices: Offices,
    now: Now,
) -> DeclarationOut:
    """Declare that an event did not occur, or is wrong; the parcel's state is folded without it.

    The event stays, marked. Declaring the same again answers the same.
    """
    return await service.declare(session, offices, barcode, body, caller=caller, now=now)


@router.post("/parcels/{barcode}/rulings", operation_id="rule_on_event", **DECISION)
async def rule_on_event(
    barcode: BarcodePath,
    body: NewRuling,
    caller: Decider,
    session: Session,
    offices: Offices,
    now: Now,
) -> RulingOut:
    """Accept an event that came from outside the offline window (72 hours), or dismiss it."""
    return await service.rule(session, offices, barcode, body, caller=caller, now=now)


@router.get(
    "/parcels/{barcode}/events",
    operation_id="list_recorded_events",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=SCOPE,
)
async def list_recorded_events(
    barcode: BarcodePath, _: Decider, session: Session, offices: Offices
) -> RecordedEvents:
    """All that was ever recorded of a parcel, and what was decided about it."""
    return await service.recorded(session, offices, barcode)


@router.get(
    "/unmatched-scans",
    operation_id="list_unmatched_scans",
    responses=responses(401, 403, 422, 503),
    openapi_extra=SCOPE,
)
async def list_unmatched_scans(
    request: Request, response: Response, page: Page, _: Decider, session: Session
) -> PageBody[UnmatchedOut]:
    """Scans of no parcel, newest first; those that wait count once their parcel is booked."""
    found, cursor = await service.unmatched(session, page)
    link_next(request, response, cursor)
    return PageBody[UnmatchedOut](items=found, next=cursor)
