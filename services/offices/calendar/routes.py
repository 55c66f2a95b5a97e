"""HTTP of the calendar."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.offices.calendar import service
from services.offices.calendar.schemas import (
    At,
    ExceptionIn,
    ExceptionOut,
    HolidayIn,
    HolidayOut,
    HolidaysOut,
    JalaliYear,
    OpeningOut,
)
from services.offices.dependencies import WRITE, Now, Page, Session, Writer
from shared.errors import responses
from shared.fields import Day, OfficeCode
from shared.pagination import PageBody, link_next

of_office = APIRouter(prefix="/v1/offices/{code}", tags=["calendar"])
router = APIRouter(prefix="/v1/holidays", tags=["calendar"])

PUBLIC = {"x-scope": "public"}
WRITERS = {"x-scope": WRITE}
READ: dict[str, Any] = {"responses": responses(401, 404, 422, 503), "openapi_extra": PUBLIC}
REMOVE: dict[str, Any] = {
    "status_code": 204,
    "responses": responses(401, 403, 404, 422, 503),
    "openapi_extra": WRITERS,
}


@of_office.get("/opening", operation_id="get_office_opening", **READ)
async def get_office_opening(
    code: OfficeCode,
    session: Session,
    now: Now,
    at: Annotated[At | None, Query(description="Without it: now.")] = None,
) -> OpeningOut:
    return OpeningOut.model_validate(await service.opening(session, code, at or now))


@of_office.get("/exceptions", operation_id="list_office_exceptions", **READ)
async def list_office_exceptions(
    code: OfficeCode,
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    since: Annotated[Day | None, Query(description="The first day to list.")] = None,
) -> PageBody[ExceptionOut]:
    rows, following = await service.exceptions(session, code, since, page)
    link_next(request, response, following)
    return PageBody[ExceptionOut](
        items=[ExceptionOut.model_validate(row) for row in rows], next=following
    )


@of_office.put(
    "/exceptions/{day}",
    operation_id="put_office_exception",
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=WRITERS,
)
async def put_office_exception(
    code: OfficeCode, day: Day, body: ExceptionIn, _: Writer, session: Session, now: Now
) -> ExceptionOut:
    return ExceptionOut.model_validate(
        await service.put_exception(session, code, day, body, now=now)
    )


@of_office.delete("/exceptions/{day}", operation_id="delete_office_exception", **REMOVE)
async def delete_office_exception(
    code: OfficeCode, day: Day, _: Writer, session: Session, now: Now
) -> None:
    await service.remove_exception(session, code, day, now=now)


@router.get(
    "",
    operation_id="list_holidays",
    responses=responses(401, 422, 503),
    openapi_extra=PUBLIC,
)
async def list_holidays(
    session: Session, year: Annotated[JalaliYear, Query(description="A Jalali year.")]
) -> HolidaysOut:
    return HolidaysOut.model_validate(
        {"year": year, "items": await service.holidays(session, year)}
    )


@router.get(
    "/{day}",
    operation_id="get_holiday",
    responses=responses(401, 422, 503),
    openapi_extra=PUBLIC,
)
async def get_holiday(day: Day, session: Session) -> HolidayOut:
    return HolidayOut.model_validate(await service.holiday(session, day))


@router.put(
    "/{day}",
    operation_id="put_holiday",
    responses=responses(400, 401, 403, 413, 422, 503),
    openapi_extra=WRITERS,
)
async def put_holiday(
    day: Day, body: HolidayIn, _: Writer, session: Session, now: Now
) -> HolidayOut:
    return HolidayOut.model_validate(await service.put_holiday(session, day, body, now=now))


@router.delete("/{day}", operation_id="delete_holiday", **REMOVE)
async def delete_holiday(day: Day, _: Writer, session: Session, now: Now) -> None:
    await service.remove_holiday(session, day, now=now)
