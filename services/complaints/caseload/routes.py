"""Reports of cases over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.complaints.caseload import service
from services.complaints.caseload.domain import Dimension
from services.complaints.caseload.schemas import AgeingBody, BreakdownBody
from services.complaints.cases.routes import scope
from services.complaints.dependencies import Now, Reporter, Session
from shared.calendar import Period
from shared.errors import responses
from shared.fields import PeriodText

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
    "/ageing",
    operation_id="complaint_ageing",
    responses=responses(401, 403, 422, 503),
    openapi_extra=scope("reports:read"),
)
async def ageing(session: Session, _: Reporter, now: Now, by: Dimension = "status") -> AgeingBody:
    """How long the open cases have been open."""
    return await service.ageing(session, by, now)
