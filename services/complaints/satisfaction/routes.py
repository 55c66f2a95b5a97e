"""Satisfaction over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.complaints.dependencies import Page, Reporter, Session
from services.complaints.satisfaction import domain, service
from services.complaints.satisfaction.domain import By
from services.complaints.satisfaction.repository import Filter, Spans
from services.complaints.satisfaction.schemas import (
    CodeText,
    Kinds,
    Reasons,
    Recount,
    ReportPeriod,
    Satisfaction,
)
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import link_next

router = APIRouter(prefix="/v1/statistics/satisfaction", tags=["statistics"])

GET: dict[str, Any] = {
    "responses": responses(401, 403, 422, 503),
    "openapi_extra": {"x-scope": "reports:read"},
}


async def _filter(
    kind: Kinds | None = None,
    office: Annotated[OfficeCode | None, Query()] = None,
    county: Annotated[CodeText | None, Query()] = None,
    product: Annotated[CodeText | None, Query()] = None,
) -> Filter:
    return Filter(kind, office, county, product)


async def _spans(
    period: Annotated[ReportPeriod, Query()], compared: domain.Compared = "period_before"
) -> Spans:
    return service.spans(period, compared)


Wanted = Annotated[Filter, Depends(_filter)]
Asked = Annotated[Spans, Depends(_spans)]


@router.get("", operation_id="satisfaction_statistics", **GET)
async def satisfaction(
    request: Request,
    response: Response,
    session: Session,
    _: Reporter,
    page: Page,
    asked: Asked,
    wanted: Wanted,
    by: By | None = None,
) -> Satisfaction:
    """Of a Jalali month, half or year: the share with its interval, and that of before."""
    found = await service.report(session, asked, wanted, by, page)
    link_next(request, response, found.next)
    return found


@router.get("/reasons", operation_id="satisfaction_reasons", **GET)
async def reasons(session: Session, _: Reporter, asked: Asked, wanted: Wanted) -> Reasons:
    """What those say who are not satisfied, by category."""
    return await service.reasons(session, asked, wanted)


@router.get("/recount", operation_id="recount_satisfaction", **GET)
async def recount(session: Session, _: Reporter) -> Recount:
    """Whether the roll-ups are what the answers add up to; reads all of them."""
    return await service.recount(session)
