"""HTTP of routing."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.parcels.dependencies import (
    Caller,
    Database,
    Effect,
    Now,
    Page,
    Session,
    Ways,
    require,
)
from services.parcels.routing import service
from services.parcels.routing.schemas import (
    EtaOut,
    FeederRuleIn,
    FeederRuleOut,
    RouteOut,
    RouteTime,
)
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(tags=["transport"])
feeders = APIRouter(prefix="/v1/feeder-rules", tags=["transport"])

WRITE = "transport:write"
Planner = Annotated[Caller, Depends(require(WRITE))]
PUBLIC = {"x-scope": "public"}


@router.get(
    "/v1/routes",
    operation_id="get_route",
    responses=responses(401, 404, 422, 503),
    openapi_extra=PUBLIC,
)
async def get_route(
    ways: Ways,
    now: Now,
    origin: Annotated[OfficeCode, Query(alias="from")],
    destination: Annotated[OfficeCode, Query(alias="to")],
    at: Annotated[RouteTime | None, Query(description="Ready to leave then; else now.")] = None,
) -> RouteOut:
    """The earliest arrival over the timetable from an office to another."""
    return service.route(ways, origin, destination, at or now)


@router.get(
    "/v1/parcels/{barcode}/eta",
    operation_id="get_eta",
    responses=responses(401, 404, 422, 503),
    openapi_extra=PUBLIC,
)
async def get_eta(
    barcode: Annotated[str, Path(max_length=60)], database: Database, ways: Ways, now: Now
) -> EtaOut:
    """When a parcel is expected: what tracking may tell anyone who has its number, no more."""
    return await service.eta_of(database, ways, barcode, now)


@feeders.get(
    "",
    operation_id="list_feeder_rules",
    responses=responses(401, 422, 503),
    openapi_extra=PUBLIC,
)
async def list_feeder_rules(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    office: Annotated[OfficeCode | None, Query(description="Its own rules only.")] = None,
) -> PageBody[FeederRuleOut]:
    """How offices ride to and from their sorting centres; the last recorded first."""
    found, cursor = await service.listing_rules(session, office, page)
    link_next(request, response, cursor)
    return PageBody[FeederRuleOut](items=found, next=cursor)


@feeders.post(
    "",
    status_code=201,
    operation_id="set_feeder_rule",
    response_model=FeederRuleOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def set_feeder_rule(
    body: FeederRuleIn, caller: Planner, session: Session, now: Now, once: Effect
) -> Response:
    return (await service.set_rule(session, body, caller=caller, once=once, now=now)).response()
