"""HTTP of the desk's calendar."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.complaints.calendars import service
from services.complaints.calendars.schemas import CalendarOut, DayIn, DayOut, HoursOut, NewHours
from services.complaints.dependencies import Effect, Now, Page, Reader, Session, TargetSetter
from shared.errors import responses
from shared.fields import Day
from shared.pagination import PageBody, link_next

hours = APIRouter(prefix="/v1/complaint-hours", tags=["complaints"])
days = APIRouter(prefix="/v1/complaint-days", tags=["complaints"])
calendar = APIRouter(prefix="/v1/complaint-calendar", tags=["complaints"])

READ: Final = "complaints:read"
WRITE: Final = "targets:write"


def _as(scope: str, *statuses: int) -> dict[str, Any]:
    return {"responses": responses(*statuses), "openapi_extra": {"x-scope": scope}}


@hours.get("", operation_id="list_complaint_hours", **_as(READ, 401, 403, 422, 503))
async def list_complaint_hours(
    request: Request, response: Response, page: Page, _: Reader, session: Session
) -> PageBody[HoursOut]:
    """The weeks of the complaints desk as they were recorded, the newest first."""
    found, cursor = await service.hours(session, page)
    link_next(request, response, cursor)
    return PageBody[HoursOut](items=found, next=cursor)


@hours.post(
    "",
    status_code=201,
    operation_id="set_complaint_hours",
    response_model=HoursOut,
    **_as(WRITE, 400, 401, 403, 409, 413, 422, 503),
)
async def set_complaint_hours(
    body: NewHours, caller: TargetSetter, session: Session, now: Now, once: Effect
) -> Response:
    """The desk's week from a day to come on; of two of a day the later holds."""
    return (await service.set_hours(session, body, caller=caller, once=once, now=now)).response()


@days.get("", operation_id="list_complaint_days", **_as(READ, 401, 403, 422, 503))
async def list_complaint_days(
    request: Request, response: Response, page: Page, _: Reader, session: Session
) -> PageBody[DayOut]:
    """Days on which the desk keeps other hours than its week's, by day."""
    found, cursor = await service.days(session, page)
    link_next(request, response, cursor)
    return PageBody[DayOut](items=found, next=cursor)


@days.put(
    "/{day}",
    operation_id="set_complaint_day",
    **_as(WRITE, 400, 401, 403, 409, 413, 422, 503),
)
async def set_complaint_day(
    day: Day, body: DayIn, caller: TargetSetter, session: Session, now: Now
) -> DayOut:
    """The hours of today or a day to come, whatever week and holidays say; none: closed."""
    return await service.set_day(session, day, body, caller=caller, now=now)


@days.delete(
    "/{day}",
    status_code=204,
    operation_id="clear_complaint_day",
    **_as(WRITE, 401, 403, 404, 409, 422, 503),
)
async def clear_complaint_day(day: Day, caller: TargetSetter, session: Session, now: Now) -> None:
    """Let week and holidays decide again."""
    await service.clear_day(session, day, caller=caller, now=now)


@calendar.get("", operation_id="get_complaint_calendar", **_as(READ, 401, 403, 422, 503))
async def get_complaint_calendar(
    session: Session, _: Reader, since: Annotated[Day, Query()], until: Annotated[Day, Query()]
) -> CalendarOut:
    """The desk's working hours day by day, both ends included, and what decides each."""
    return await service.calendar(session, since, until)
