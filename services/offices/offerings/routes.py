"""HTTP of offerings."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.offices.catalogue.schemas import End, ServiceCode
from services.offices.dependencies import (
    CATALOGUE,
    CatalogueWriter,
    DeskOf,
    Effect,
    Now,
    Page,
    Session,
    answer_once,
    shown,
)
from services.offices.offerings import service
from services.offices.offerings.schemas import (
    NewOffering,
    OfferedNearOut,
    OfferingOut,
    OfferingsOut,
    Replacement,
)
from services.offices.registry.schemas import Latitude, Longitude
from services.offices.search.schemas import NearQuery
from shared.errors import responses
from shared.fields import Day, OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/offices/{code}/offerings", tags=["catalogue"])
near = APIRouter(prefix="/v1/services/near", tags=["catalogue"])

GET: dict[str, Any] = {
    "responses": responses(401, 404, 422, 503),
    "openapi_extra": {"x-scope": "public"},
}
CHANGE: dict[str, Any] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": CATALOGUE},
}


@near.get("", operation_id="services_near", **GET)
async def services_near(
    *,
    session: Session,
    desk: DeskOf,
    wanted: Annotated[ServiceCode, Query(alias="service")],
    latitude: Annotated[Latitude, Query()],
    longitude: Annotated[Longitude, Query()],
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
) -> OfferedNearOut:
    """Who near a place does it, and what to bring."""
    asked = NearQuery(latitude=latitude, longitude=longitude, service=wanted, limit=limit)
    found = await service.near(session, desk, asked)
    return OfferedNearOut.model_validate(found, from_attributes=True)


@router.get("", operation_id="list_offerings", **GET)
async def list_offerings(
    request: Request,
    response: Response,
    code: OfficeCode,
    page: Page,
    session: Session,
    valid_on: Day | None = None,
) -> PageBody[OfferingOut]:
    """What an office offers, offered and will offer; with `valid_on`, on that day."""
    found, following = await service.listing(session, code, valid_on, page)
    link_next(request, response, following)
    return PageBody[OfferingOut](
        items=[OfferingOut.model_validate(row) for row in found], next=following
    )


@router.post(
    "",
    operation_id="start_offering",
    status_code=201,
    response_model=OfferingOut,
    **CHANGE,
)
async def start_offering(
    code: OfficeCode,
    body: NewOffering,
    _: CatalogueWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    return (await service.start(session, code, body, once=effect, now=now)).response()


@router.put("", operation_id="replace_offerings", **CHANGE)
async def replace_offerings(
    code: OfficeCode, body: Replacement, _: CatalogueWriter, session: Session, now: Now
) -> OfferingsOut:
    """From a day on, exactly these services; refused where a rule asks for more."""
    return OfferingsOut.model_validate({"items": await service.replace(session, code, body, now)})


@router.post(
    "/{offering_id}/end", operation_id="end_offering", response_model=OfferingOut, **CHANGE
)
async def end_offering(
    code: OfficeCode,
    offering_id: UUID,
    body: End,
    _: CatalogueWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    return await answer_once(
        session,
        effect,
        lambda: shown(OfferingOut, service.end(session, code, offering_id, body.on, now)),
        status=200,
    )
