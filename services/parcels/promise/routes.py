"""HTTP of the promise: its terms, declared pauses, a parcel's own."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from services.parcels.dependencies import (
    CachesOf,
    Caller,
    Effect,
    Now,
    Page,
    Session,
    require,
)
from services.parcels.promise import service
from services.parcels.promise.schemas import (
    NewPause,
    NewTerms,
    PauseEnd,
    PauseOut,
    PromiseOut,
    TermsCode,
    TermsOut,
    TermsSummary,
)
from shared.errors import responses
from shared.pagination import PageBody, link_next

terms = APIRouter(prefix="/v1/promise-terms", tags=["promise"])
pauses = APIRouter(prefix="/v1/promise-pauses", tags=["promise"])
parcels = APIRouter(prefix="/v1/parcels", tags=["promise"])

SETTING, DECIDING = "tariff:write", "custody:decide"
Setter = Annotated[Caller, Depends(require(SETTING))]
Decider = Annotated[Caller, Depends(require(DECIDING))]
Reader = Annotated[Caller, Depends(require("parcels:read"))]
BarcodePath = Annotated[str, Path(max_length=40)]


def _as(scope: str, *statuses: int) -> dict[str, Any]:
    return {"responses": responses(*statuses), "openapi_extra": {"x-scope": scope}}


@terms.get("", operation_id="list_promise_terms", **_as("public", 401, 422, 503))
async def list_promise_terms(
    request: Request, response: Response, page: Page, session: Session
) -> PageBody[TermsSummary]:
    """What was, is and will be in force, newest day first."""
    found, cursor = await service.all_terms(session, page)
    link_next(request, response, cursor)
    return PageBody[TermsSummary](items=found, next=cursor)


@terms.get("/{code}", operation_id="get_promise_terms", **_as("public", 401, 404, 422, 503))
async def get_promise_terms(code: TermsCode, session: Session) -> TermsOut:
    """Target hours by product and distance class."""
    return await service.terms(session, code)


@terms.post(
    "",
    status_code=201,
    operation_id="publish_promise_terms",
    response_model=TermsOut,
    **_as(SETTING, 400, 401, 403, 409, 413, 422, 503),
)
async def publish_promise_terms(
    body: NewTerms, caller: Setter, session: Session, now: Now, once: Effect
) -> Response:
    """Set the targets from a day to come on, for what is booked from then on."""
    return (await service.publish(session, body, caller=caller, once=once, now=now)).response()


@pauses.get("", operation_id="list_promise_pauses", **_as(DECIDING, 401, 403, 422, 503))
async def list_promise_pauses(
    request: Request, response: Response, page: Page, _: Decider, session: Session
) -> PageBody[PauseOut]:
    """Newest first."""
    found, cursor = await service.pauses(session, page)
    link_next(request, response, cursor)
    return PageBody[PauseOut](items=found, next=cursor)


@pauses.get(
    "/{pause_id}", operation_id="get_promise_pause", **_as(DECIDING, 401, 403, 404, 422, 503)
)
async def get_promise_pause(pause_id: UUID, _: Decider, session: Session) -> PauseOut:
    return await service.pause(session, pause_id)


@pauses.post(
    "",
    status_code=201,
    operation_id="declare_promise_pause",
    response_model=PauseOut,
    **_as(DECIDING, 400, 401, 403, 409, 413, 422, 503),
)
async def declare_promise_pause(
    body: NewPause, caller: Decider, session: Session, now: Now, once: Effect
) -> Response:
    """Declare force majeure: the time does not count for items from or to there."""
    return (await service.declare(session, body, caller=caller, once=once, now=now)).response()


@pauses.post(
    "/{pause_id}/end",
    operation_id="end_promise_pause",
    **_as(DECIDING, 400, 401, 403, 404, 409, 413, 422, 503),
)
async def end_promise_pause(
    pause_id: UUID, body: PauseEnd, _: Decider, session: Session, now: Now
) -> PauseOut:
    """Say when it ended, or will end."""
    return await service.end(session, pause_id, body, now=now)


@parcels.get(
    "/{barcode}/promise",
    operation_id="explain_promise",
    **_as("parcels:read", 401, 403, 404, 422, 503),
)
async def explain_promise(
    session: Session, caller: Reader, caches: CachesOf, now: Now, barcode: BarcodePath
) -> PromiseOut:
    """Until when a parcel of yours is promised, and why: terms, cut-off, closed days, pauses."""
    return await service.explain(session, caller, caches.promises, barcode, now)
