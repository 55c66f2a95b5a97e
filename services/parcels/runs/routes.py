"""HTTP of couriers' runs."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.caches import Desk
from services.parcels.couriers.schemas import CourierCode
from services.parcels.dependencies import Command, Effect, Page, Session, answer_once, desk
from services.parcels.runs import service
from services.parcels.runs.schemas import (
    At,
    HandBack,
    NewRun,
    RunOut,
    RunSummary,
    SheetOut,
    StopsIn,
)
from services.parcels.runs.service import Wanted
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/runs", tags=["delivery"])

SCOPE: Final = "delivery:write"
Post = Annotated[Desk, Depends(desk(SCOPE))]
EXTRA: Final[dict[str, Any]] = {"openapi_extra": {"x-scope": SCOPE}}
WRITE: Final[dict[str, Any]] = EXTRA | {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503)
}
ONE: Final[dict[str, Any]] = EXTRA | {"responses": responses(401, 403, 404, 422, 503)}


@router.post("", status_code=201, operation_id="plan_run", response_model=RunOut, **WRITE)
async def plan_run(body: NewRun, at: Post, session: Session, once: Effect) -> Response:
    """A courier's round: parcels in the order of its stops, each on one run at a time."""
    return (await service.plan(session, at, body, once)).response()


@router.get("", operation_id="list_runs", responses=responses(401, 403, 422, 503), **EXTRA)
async def list_runs(
    request: Request,
    response: Response,
    page: Page,
    at: Post,
    session: Session,
    office: Annotated[OfficeCode | None, Query()] = None,
    courier: Annotated[CourierCode | None, Query()] = None,
    only_open: Annotated[bool, Query(alias="open")] = False,  # noqa: FBT002 - a query parameter
) -> PageBody[RunSummary]:
    """Newest first; with `open`, those planned or out only."""
    wanted = Wanted(office, courier, only_open)
    found, cursor = await service.listing(session, at, wanted, page)
    link_next(request, response, cursor)
    return PageBody[RunSummary](items=found, next=cursor)


@router.get("/{run}", operation_id="get_run", **ONE)
async def get_run(run: UUID, at: Post, session: Session) -> RunOut:
    """A run and its stops: how each stands now, or stood when the run ended."""
    return await service.get(session, at, run)


@router.get("/{run}/sheet", operation_id="get_run_sheet", **ONE)
async def get_run_sheet(run: UUID, at: Post, session: Session) -> SheetOut:
    """What a courier takes along: whom to look for where, what to collect, what is asked."""
    return await service.sheet(session, at, run)


@router.put("/{run}/stops", operation_id="order_stops", **WRITE)
async def order_stops(run: UUID, body: StopsIn, at: Post, session: Session) -> RunOut:
    """The stops in this order; before it goes out, others than before."""
    return await service.order(session, at, run, body.stops)


@router.post("/{run}/start", operation_id="start_run", response_model=RunOut, **WRITE)
async def start_run(
    run: UUID, at: Post, session: Session, command: Command, body: At | None = None
) -> Response:
    """Out for delivery: all its parcels pass to the courier at once."""
    when = body.occurred_at if body else None
    return await answer_once(
        session, command, lambda: service.start(session, at, run, when), status=200
    )


@router.post("/{run}/hand-back", operation_id="hand_back", response_model=RunOut, **WRITE)
async def hand_back(
    run: UUID, body: HandBack, at: Post, session: Session, command: Command
) -> Response:
    """The office takes back what was not delivered; to be held or returned if so decided."""
    return await answer_once(
        session, command, lambda: service.hand_back(session, at, run, body), status=200
    )


@router.post("/{run}/close", operation_id="close_run", **WRITE)
async def close_run(run: UUID, at: Post, session: Session) -> RunOut:
    """Over; refused while a parcel is still with the courier."""
    return await service.close(session, at, run)


@router.post("/{run}/cancel", operation_id="cancel_run", **WRITE)
async def cancel_run(run: UUID, at: Post, session: Session) -> RunOut:
    """Called off before it went out."""
    return await service.cancel(session, at, run)
