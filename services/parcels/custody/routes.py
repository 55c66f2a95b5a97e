"""HTTP of custody."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from services.parcels.custody import service
from services.parcels.custody.schemas import CustodyOut, Decision, NewTerm, TermOut
from services.parcels.dependencies import (
    Caller,
    Command,
    Effect,
    Now,
    Offices,
    Page,
    Session,
    answer_once,
    require,
)
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1", tags=["custody"])

DECIDE = "custody:decide"
Decider = Annotated[Caller, Depends(require(DECIDE))]
BarcodePath = Annotated[str, Path(max_length=40)]
SCOPE: dict[str, Any] = {"x-scope": DECIDE}
COMMAND: dict[str, Any] = {
    "response_model": CustodyOut,
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": SCOPE,
}


@router.get(
    "/parcels/{barcode}/custody",
    operation_id="get_custody",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=SCOPE,
)
async def get_custody(
    barcode: BarcodePath, _: Decider, session: Session, offices: Offices
) -> CustodyOut:
    """Who answers for a parcel now."""
    return await service.custody(session, offices, barcode)


@router.post("/parcels/{barcode}/lost", operation_id="declare_lost", **COMMAND)
async def declare_lost(
    barcode: BarcodePath,
    body: Decision,
    caller: Decider,
    session: Session,
    offices: Offices,
    now: Now,
    command: Command,
) -> Response:
    """Declare a parcel in our custody lost; its open discrepancies are closed by it."""
    return await answer_once(
        session,
        command,
        lambda: service.declare_lost(
            session, offices, barcode, body.reason, caller=caller, now=now
        ),
        status=200,
    )


@router.post("/parcels/{barcode}/found", operation_id="declare_found", **COMMAND)
async def declare_found(
    barcode: BarcodePath,
    body: Decision,
    caller: Decider,
    session: Session,
    offices: Offices,
    now: Now,
    command: Command,
) -> Response:
    """Take back that a parcel is lost: the event of its loss is declared not to have occurred."""
    return await answer_once(
        session,
        command,
        lambda: service.found(session, offices, barcode, body.reason, caller=caller, now=now),
        status=200,
    )


@router.get(
    "/custody-terms",
    operation_id="list_custody_terms",
    responses=responses(401, 403, 422, 503),
    openapi_extra=SCOPE,
)
async def list_custody_terms(
    request: Request, response: Response, page: Page, _: Decider, session: Session
) -> PageBody[TermOut]:
    """The rules of custody by name and first day; of a name's values the last one begun holds."""
    found, cursor = await service.terms(session, page)
    link_next(request, response, cursor)
    return PageBody[TermOut](items=found, next=cursor)


@router.post(
    "/custody-terms",
    status_code=201,
    operation_id="set_custody_term",
    response_model=TermOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=SCOPE,
)
async def set_custody_term(
    body: NewTerm, caller: Decider, session: Session, now: Now, once: Effect
) -> Response:
    """A rule's value from a day to come."""
    return (await service.set_term(session, body, caller=caller, once=once, now=now)).response()
