"""HTTP of couriers."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.parcels.caches import Desk
from services.parcels.couriers import service
from services.parcels.couriers.schemas import CourierChange, CourierCode, CourierOut, NewCourier
from services.parcels.dependencies import Effect, Page, Session, desk
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/couriers", tags=["delivery"])

SCOPE: Final = "delivery:write"
At = Annotated[Desk, Depends(desk(SCOPE))]
CourierPath = Annotated[CourierCode, Path()]
EXTRA: Final[dict[str, Any]] = {"openapi_extra": {"x-scope": SCOPE}}


@router.post(
    "",
    status_code=201,
    operation_id="register_courier",
    response_model=CourierOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    **EXTRA,
)
async def register_courier(body: NewCourier, at: At, session: Session, once: Effect) -> Response:
    """Somebody who delivers for an office; name and phone are kept apart and can be erased."""
    return (await service.register(session, at, body, once)).response()


@router.get("", operation_id="list_couriers", responses=responses(401, 403, 422, 503), **EXTRA)
async def list_couriers(
    request: Request,
    response: Response,
    page: Page,
    at: At,
    session: Session,
    office: Annotated[OfficeCode | None, Query()] = None,
) -> PageBody[CourierOut]:
    """By code; of an office, if asked."""
    found, cursor = await service.listing(session, at, office, page)
    link_next(request, response, cursor)
    return PageBody[CourierOut](items=found, next=cursor)


@router.get(
    "/{courier}",
    operation_id="get_courier",
    responses=responses(401, 403, 404, 422, 503),
    **EXTRA,
)
async def get_courier(courier: CourierPath, at: At, session: Session) -> CourierOut:
    return await service.get(session, at, courier)


@router.patch(
    "/{courier}",
    operation_id="change_courier",
    responses=responses(400, 401, 403, 404, 413, 422, 503),
    **EXTRA,
)
async def change_courier(
    courier: CourierPath, body: CourierChange, at: At, session: Session
) -> CourierOut:
    """Another office, out of service, another name or phone."""
    return await service.change(session, at, courier, body)


@router.post(
    "/{courier}/erase",
    operation_id="erase_courier",
    responses=responses(401, 403, 404, 422, 503),
    **EXTRA,
)
async def erase_courier(courier: CourierPath, at: At, session: Session) -> CourierOut:
    """Forget name and phone; the code stays in the runs, out of service."""
    return await service.erase(session, at, courier)
