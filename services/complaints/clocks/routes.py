"""HTTP of the clocks: a case's, the queue, the report."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.complaints.cases.domain import parse_number
from services.complaints.cases.routes import Number
from services.complaints.clocks import reading
from services.complaints.clocks.domain import Measure, QueueState
from services.complaints.clocks.repository import Wanted
from services.complaints.clocks.schemas import (
    ClocksOut,
    ReportKey,
    ReportOut,
    RunningOut,
)
from services.complaints.dependencies import Now, Page, Reader, Reporter, Session
from shared.calendar import Period
from shared.errors import responses
from shared.fields import Instant, OfficeCode, PeriodText
from shared.pagination import PageBody, link_next

cases = APIRouter(prefix="/v1/complaints", tags=["complaints"])
queue = APIRouter(prefix="/v1/complaint-clocks", tags=["complaints"])
statistics = APIRouter(prefix="/v1/statistics", tags=["statistics"])

READ: Final = "complaints:read"
County = Annotated[str, Query(max_length=40, pattern=r"^[a-z]+(-[a-z]+)*$", examples=["ahvaz"])]


def _as(scope: str, *statuses: int) -> dict[str, Any]:
    return {"responses": responses(*statuses), "openapi_extra": {"x-scope": scope}}


@cases.get(
    "/{number}/clocks",
    operation_id="get_complaint_clocks",
    **_as(READ, 401, 403, 404, 422, 503),
)
async def get_complaint_clocks(session: Session, number: Number, _: Reader, now: Now) -> ClocksOut:
    """How long the case may take and has taken, its pauses, and all that its clocks did."""
    return await reading.clocks(session, parse_number(number), now)


@queue.get("", operation_id="list_complaint_clocks", **_as(READ, 401, 403, 422, 503))
async def list_complaint_clocks(
    request: Request,
    response: Response,
    session: Session,
    _: Reader,
    page: Page,
    now: Now,
    state: QueueState | None = None,
    due_before: Annotated[Instant | None, Query()] = None,
    measure: Measure | None = None,
    office: Annotated[OfficeCode | None, Query()] = None,
    county: County | None = None,
    officer: UUID | None = None,
) -> PageBody[RunningOut]:
    """Clocks that run, the first due first: the overdue ones, an office's, an officer's."""
    wanted = Wanted(state, due_before, measure, office, county, str(officer) if officer else None)
    found, cursor = await reading.running(session, wanted, page, now)
    link_next(request, response, cursor)
    return PageBody[RunningOut](items=found, next=cursor)


@statistics.get(
    "/complaint-clocks",
    operation_id="complaint_clock_statistics",
    **_as("reports:read", 401, 403, 422, 503),
)
async def complaint_clock_statistics(
    session: Session,
    _: Reporter,
    now: Now,
    period: Annotated[PeriodText, Query()],
    by: ReportKey = "none",
) -> ReportOut:
    """First response, updates and resolution within target, of clocks started in the period."""
    return await reading.report(session, Period.parse(period), by, now)
