"""HTTP of pickups: the shop's side, and the office's."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.caches import Desk
from services.parcels.dependencies import Command, Effect, Page, Session, answer_once, desk
from services.parcels.pickups import service
from services.parcels.pickups.schemas import (
    Assignment,
    Collection,
    Miss,
    NewPickup,
    PickupOut,
    PickupStatus,
)
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/pickups", tags=["pickups"])
Booker = Annotated[Desk, Depends(desk("parcels:book"))]
Reader = Annotated[Desk, Depends(desk("parcels:read"))]
Post = Annotated[Desk, Depends(desk("delivery:write"))]
Status = Annotated[PickupStatus | None, Query()]
READ: Final[dict[str, Any]] = {"responses": responses(401, 403, 404, 422, 503)}
CHANGE: Final[dict[str, Any]] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": "delivery:write"},
}


@router.post(
    "",
    status_code=201,
    operation_id="request_pickup",
    response_model=PickupOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": "parcels:book"},
)
async def request_pickup(body: NewPickup, at: Booker, session: Session, once: Effect) -> Response:
    """Have parcels fetched at your door."""
    return (await service.request(session, at, body, once)).response()


@router.get("", operation_id="list_pickups", **READ, openapi_extra={"x-scope": "parcels:read"})
async def list_pickups(
    request: Request,
    response: Response,
    page: Page,
    at: Reader,
    session: Session,
    status: Status = None,
) -> PageBody[PickupOut]:
    """Your own, newest first."""
    found, cursor = await service.own(session, at, status, page)
    link_next(request, response, cursor)
    return PageBody[PickupOut](items=found, next=cursor)


@router.get(
    "/of-office",
    operation_id="list_pickups_of_office",
    **READ,
    openapi_extra={"x-scope": "delivery:write"},
)
async def list_pickups_of_office(
    request: Request,
    response: Response,
    page: Page,
    at: Post,
    session: Session,
    office: Annotated[OfficeCode, Query()],
    status: Status = None,
) -> PageBody[PickupOut]:
    """What an office has to fetch, newest first."""
    found, cursor = await service.of_office(session, at, office, status, page)
    link_next(request, response, cursor)
    return PageBody[PickupOut](items=found, next=cursor)


@router.get(
    "/{pickup}", operation_id="get_pickup", **READ, openapi_extra={"x-scope": "parcels:read"}
)
async def get_pickup(pickup: UUID, at: Reader, session: Session) -> PickupOut:
    """One of your own."""
    return await service.get(session, at, pickup)


@router.post(
    "/{pickup}/cancel",
    operation_id="cancel_pickup",
    responses=responses(401, 403, 404, 409, 422, 503),
    openapi_extra={"x-scope": "parcels:book"},
)
async def cancel_pickup(pickup: UUID, at: Booker, session: Session) -> PickupOut:
    """Before it is collected."""
    return await service.cancel(session, at, pickup)


@router.post("/{pickup}/assign", operation_id="assign_pickup", response_model=PickupOut, **CHANGE)
async def assign_pickup(
    pickup: UUID, body: Assignment, at: Post, session: Session, once: Effect
) -> Response:
    """Which courier goes; another may be named until it is collected."""
    return await answer_once(
        session, once, lambda: service.assign(session, at, pickup, body.courier), status=200
    )


@router.post("/{pickup}/collect", operation_id="collect_pickup", response_model=PickupOut, **CHANGE)
async def collect_pickup(
    pickup: UUID, body: Collection, at: Post, session: Session, command: Command
) -> Response:
    """The courier counted them and has them."""
    return await answer_once(
        session, command, lambda: service.collect(session, at, pickup, body), status=200
    )


@router.post("/{pickup}/miss", operation_id="miss_pickup", **CHANGE)
async def miss_pickup(pickup: UUID, body: Miss, at: Post, session: Session) -> PickupOut:
    """Nobody could be met, or nobody went."""
    return await service.miss(session, at, pickup, body.reason)
