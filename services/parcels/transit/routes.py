"""HTTP of volumes, outcomes and transit times by every dimension."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.dependencies import Caller, Offices, Page, Session, require
from services.parcels.tariff.schemas import ChannelName, ProductName
from services.parcels.transit import export, service
from services.parcels.transit.export import Format
from services.parcels.transit.schemas import DirectionName, Transit, TransitItem
from services.parcels.transit.views import By, Measure, Words
from shared.calendar import Period
from shared.errors import responses
from shared.fields import PeriodText
from shared.pagination import PageBody, link_next
from shared.text import text

router = APIRouter(prefix="/v1/statistics/transit", tags=["statistics"])
Reader = Annotated[Caller, Depends(require("reports:read"))]
PeriodQuery = Annotated[PeriodText, Query(description="1397, 1398-H1, 1397-05 or 1397-05-12")]
OfficeWord = Annotated[
    str, text(1, 12), Query(description="its code, or none", examples=["KZ00001"])
]
CountyWord = Annotated[str, text(1, 60), Query(examples=["ahvaz"])]


async def _words(
    product: ProductName | None = None,
    channel: ChannelName | None = None,
    direction: DirectionName | None = None,
    office: OfficeWord | None = None,
    county: CountyWord | None = None,
    destination: CountyWord | None = None,
) -> Words:
    return Words(product, channel, direction, office, county, destination)


WordsQuery = Annotated[Words, Depends(_words)]


@router.get(
    "",
    operation_id="transit",
    response_model=Transit,
    responses={**export.FILES, **responses(401, 403, 422, 503)},
    openapi_extra={"x-scope": "reports:read"},
)
async def transit(
    session: Session,
    _: Reader,
    offices: Offices,
    period: PeriodQuery,
    words: WordsQuery,
    by: By = "product",
    what: Annotated[Format, Query(alias="format")] = "json",
) -> Response:
    """What was accepted and what ended in a Jalali period, how long it took, which promises held.

    `county` is where items were accepted, `destination` where they went to.
    """
    found = await service.report(session, offices, Period.parse(period), by, words)
    content = service.as_table(found)
    headers = export.headers(what, content)
    body = export.render(found, what, content)
    return Response(body, media_type=export.MEDIA_TYPES[what], headers=headers)


@router.get(
    "/items",
    operation_id="transit_items",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "reports:read"},
)
async def transit_items(
    request: Request,
    response: Response,
    session: Session,
    _: Reader,
    offices: Offices,
    period: PeriodQuery,
    words: WordsQuery,
    page: Page,
    measure: Measure = "accepted",
) -> PageBody[TransitItem]:
    """The items that a figure of `transit` counts, in the order of their booking."""
    asked = (Period.parse(period), measure, words)
    items, cursor = await service.items(session, offices, asked, page)
    link_next(request, response, cursor)
    return PageBody(items=items, next=cursor)
