"""Reports of cases over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.complaints.caseload import service
from services.complaints.caseload.domain import Dimension, Measure
from services.complaints.caseload.repository import Asked
from services.complaints.caseload.schemas import AgeingBody, BreakdownBody, CountedCase
from services.complaints.cases.routes import scope
from services.complaints.dependencies import Now, Page, Reporter, Session
from shared.calendar import Period
from shared.errors import responses
from shared.fields import PeriodText
from shared.pagination import PageBody, link_next
from shared.text import text

router = APIRouter(prefix="/v1/statistics/complaints", tags=["statistics"])


@router.get(
    "/breakdown",
    operation_id="complaint_breakdown",
    responses=responses(401, 403, 422, 503),
    openapi_extra=scope("reports:read"),
)
async def breakdown(
    session: Session,
    _: Reporter,
    period: Annotated[PeriodText, Query()],
    by: Dimension = "category",
) -> BreakdownBody:
    """Cases filed, joined, first answered, closed and reopened in a Jalali period, by something."""
    return await service.breakdown(session, by, Period.parse(period))


@router.get(
    "/breakdown/items",
    operation_id="complaint_breakdown_items",
    responses=responses(401, 403, 422, 503),
    openapi_extra=scope("reports:read"),
)
async def breakdown_items(
    *,
    request: Request,
    response: Response,
    session: Session,
    _: Reporter,
    page: Page,
    period: Annotated[PeriodText, Query()],
    measure: Measure = "filed",
    by: Dimension = "category",
    key: Annotated[
        str | None, text(1, 100), Query(description="Of a row of the breakdown; all of them.")
    ] = None,
) -> PageBody[CountedCase]:
    """The cases that a number of the breakdown counts, the oldest first."""
    asked = Asked(measure, by, key, Period.parse(period))
    found, following = await service.counted(session, asked, page)
    link_next(request, response, following)
    return PageBody[CountedCase](items=found, next=following)


@router.get(
    "/ageing",
    operation_id="complaint_ageing",
    responses=responses(401, 403, 422, 503),
    openapi_extra=scope("reports:read"),
)
async def ageing(session: Session, _: Reporter, now: Now, by: Dimension = "status") -> AgeingBody:
    """How long the open cases have been open."""
    return await service.ageing(session, by, now)
