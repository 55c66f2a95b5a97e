"""HTTP of lines and the timetable."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.dependencies import Caller, Effect, Now, Page, Session, answer_once, require
from services.parcels.transport import service
from services.parcels.transport.domain import Mode
from services.parcels.transport.schemas import (
    DepartureOut,
    LineCode,
    LineEnd,
    LineHistory,
    LineIn,
    LineOut,
    NewLine,
)
from shared.calendar import tehran_date
from shared.errors import responses
from shared.fields import Day, OfficeCode
from shared.pagination import PageBody, link_next

lines = APIRouter(prefix="/v1/lines", tags=["transport"])
timetable = APIRouter(prefix="/v1/timetable", tags=["transport"])

WRITE = "transport:write"
Planner = Annotated[Caller, Depends(require(WRITE))]
PUBLIC = {"x-scope": "public"}
CHANGE: dict[str, Any] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}


@lines.get("", operation_id="list_lines", responses=responses(401, 422, 503), openapi_extra=PUBLIC)
async def list_lines(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    now: Now,
    on: Annotated[Day | None, Query(description="Valid on that day; today by itself.")] = None,
    mode: Mode | None = None,
    office: Annotated[OfficeCode | None, Query(description="That call there.")] = None,
) -> PageBody[LineOut]:
    """By code."""
    day = on or tehran_date(now)
    found, cursor = await service.listing(session, day, mode, office, page)
    link_next(request, response, cursor)
    return PageBody[LineOut](items=found, next=cursor)


@lines.post(
    "",
    status_code=201,
    operation_id="create_line",
    response_model=LineHistory,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def create_line(
    body: NewLine, caller: Planner, session: Session, now: Now, once: Effect
) -> Response:
    return (await service.create(session, body, caller=caller, once=once, now=now)).response()


@lines.get(
    "/{line}",
    operation_id="get_line",
    responses=responses(401, 404, 422, 503),
    openapi_extra=PUBLIC,
)
async def get_line(line: LineCode, session: Session) -> LineHistory:
    """A line and each timetable that it had, has and will have."""
    return await service.get(session, line)


@lines.put("/{line}", operation_id="change_line", **CHANGE)
async def change_line(
    line: LineCode, body: LineIn, caller: Planner, session: Session, now: Now
) -> LineHistory:
    """Another timetable from `valid_from` on, in place of all that was planned from then."""
    return await service.change(session, line, body, caller=caller, now=now)


@lines.post("/{line}/end", operation_id="end_line", response_model=LineHistory, **CHANGE)
async def end_line(
    line: LineCode, body: LineEnd, caller: Planner, session: Session, now: Now, once: Effect
) -> Response:
    return await answer_once(
        session, once, lambda: service.end(session, line, body, caller=caller, now=now), status=200
    )


@timetable.get(
    "", operation_id="get_timetable", responses=responses(401, 422, 503), openapi_extra=PUBLIC
)
async def get_timetable(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    first: Annotated[Day, Query(alias="from_day")],
    last: Annotated[Day, Query(alias="until_day", description="The last day; 31 at most.")],
    line: LineCode | None = None,
    office: Annotated[OfficeCode | None, Query(description="Departures from there.")] = None,
) -> PageBody[DepartureOut]:
    """The departures of the runs that begin on these days, in their order."""
    found, cursor = await service.timetable(session, (first, last), line, office, page)
    link_next(request, response, cursor)
    return PageBody[DepartureOut](items=found, next=cursor)
