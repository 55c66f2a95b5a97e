"""HTTP of populations, items per head and targets."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.dependencies import Caller, Effect, Now, Page, Session, require
from services.parcels.targets import service
from services.parcels.targets.schemas import (
    County,
    NewPopulation,
    NewTarget,
    PerHead,
    PopulationOut,
    TargetAchieved,
    TargetOut,
)
from services.parcels.tariff.schemas import ProductName
from services.parcels.transit import export
from services.parcels.transit.export import Format
from shared.calendar import Period
from shared.errors import responses
from shared.fields import PeriodText
from shared.pagination import PageBody, link_next

populations = APIRouter(prefix="/v1/populations", tags=["statistics"])
targets = APIRouter(prefix="/v1/targets", tags=["statistics"])
statistics = APIRouter(prefix="/v1/statistics", tags=["statistics"])

READ, WRITE = "reports:read", "targets:write"
Reader = Annotated[Caller, Depends(require(READ))]
Writer = Annotated[Caller, Depends(require(WRITE))]
PeriodQuery = Annotated[PeriodText, Query(description="1397, 1398-H1, 1397-05 or 1397-05-12")]
CountyQuery = Annotated[County | None, Query()]
LIST: dict[str, Any] = {
    "responses": responses(401, 403, 422, 503),
    "openapi_extra": {"x-scope": READ},
}
CREATE: dict[str, Any] = {
    "status_code": 201,
    "responses": responses(400, 401, 403, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}


@populations.get("", operation_id="list_populations", **LIST)
async def list_populations(
    request: Request,
    response: Response,
    session: Session,
    _: Reader,
    page: Page,
    county: CountyQuery = None,
) -> PageBody[PopulationOut]:
    """By county, as they were recorded; of two of a day the later holds."""
    items, cursor = await service.populations(session, county, page)
    link_next(request, response, cursor)
    return PageBody(items=items, next=cursor)


@populations.post("", operation_id="set_population", response_model=PopulationOut, **CREATE)
async def set_population(
    body: NewPopulation, caller: Writer, session: Session, now: Now, once: Effect
) -> Response:
    """How many people a county has from a day on, and who says so."""
    answer = await service.set_population(session, body, caller=caller, once=once, now=now)
    return answer.response()


@statistics.get(
    "/per-head",
    operation_id="items_per_head",
    response_model=PerHead,
    responses={**export.FILES, **responses(401, 403, 422, 503)},
    openapi_extra={"x-scope": READ},
)
async def items_per_head(
    session: Session,
    _: Reader,
    period: PeriodQuery,
    what: Annotated[Format, Query(alias="format")] = "json",
) -> Response:
    """Items accepted and delivered in a Jalali period for each of a county's people."""
    found = await service.per_head(session, Period.parse(period))
    content = service.as_table(found)
    headers = export.headers(what, content)
    body = export.render(found, what, content)
    return Response(body, media_type=export.MEDIA_TYPES[what], headers=headers)


@targets.get("", operation_id="list_targets", **LIST)
async def list_targets(
    request: Request,
    response: Response,
    session: Session,
    _: Reader,
    period: PeriodQuery,
    page: Page,
    county: CountyQuery = None,
    product: ProductName | None = None,
) -> PageBody[TargetAchieved]:
    """The targets of a period with the share achieved, and where its items are listed."""
    of = (county, product)
    items, cursor = await service.targets(session, Period.parse(period), of, page)
    link_next(request, response, cursor)
    return PageBody(items=items, next=cursor)


@targets.post("", operation_id="set_target", response_model=TargetOut, **CREATE)
async def set_target(
    body: NewTarget, caller: Writer, session: Session, now: Now, once: Effect
) -> Response:
    """Set, change or (with the value null) withdraw a target."""
    return (await service.set_target(session, body, caller=caller, once=once, now=now)).response()
