"""HTTP of counted mail."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.counted import service
from services.parcels.counted.schemas import (
    ConsignmentOut,
    ConsignmentResults,
    Consignments,
    CountedReport,
)
from services.parcels.dependencies import Caller, Effect, Now, Offices, Page, Session, require
from shared.calendar import Period
from shared.errors import responses
from shared.fields import Day, OfficeCode, PeriodText
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/counted", tags=["counted"])
reports = APIRouter(prefix="/v1/statistics", tags=["statistics"])

Clerk = Annotated[Caller, Depends(require("scans:write"))]
Reader = Annotated[Caller, Depends(require("reports:read"))]
PeriodQuery = Annotated[PeriodText, Query(description="1397, 1398-H1, 1397-05 or 1397-05-12")]
DayQuery = Annotated[Day | None, Query()]
SCAN = {"x-scope": "scans:write"}


@router.post(
    "",
    operation_id="record_counted",
    responses=responses(400, 401, 403, 413, 422, 503),
    openapi_extra=SCAN,
)
async def record_counted(
    body: Consignments, session: Session, offices: Offices, caller: Clerk, now: Now
) -> ConsignmentResults:
    """Up to 1,000 consignments of mail that is counted and weighed, not scanned; a result each."""
    return await service.record(session, offices, body.consignments, caller=caller, now=now)


@router.get(
    "",
    operation_id="list_counted",
    responses=responses(401, 403, 422, 503),
    openapi_extra=SCAN,
)
async def list_counted(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    offices: Offices,
    _: Clerk,
    office: OfficeCode | None = None,
    day: DayQuery = None,
) -> PageBody[ConsignmentOut]:
    """Newest day first."""
    wanted: date | None = day
    found, cursor = await service.listing(session, offices, page, office=office, day=wanted)
    link_next(request, response, cursor)
    return PageBody[ConsignmentOut](items=found, next=cursor)


@router.get(
    "/{consignment_id}",
    operation_id="get_counted",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=SCAN,
)
async def get_counted(
    consignment_id: UUID, session: Session, offices: Offices, _: Clerk
) -> ConsignmentOut:
    return await service.get(session, offices, consignment_id)


@router.post(
    "/{consignment_id}/reverse",
    status_code=201,
    operation_id="reverse_counted",
    response_model=ConsignmentOut,
    responses=responses(400, 401, 403, 404, 409, 422, 503),
    openapi_extra=SCAN,
)
async def reverse_counted(
    consignment_id: UUID,
    session: Session,
    offices: Offices,
    caller: Clerk,
    now: Now,
    once: Effect,
) -> Response:
    """It was counted wrong: take it back, and count again under another reference."""
    answer = await service.reverse(
        session, offices, consignment_id, caller=caller, once=once, now=now
    )
    return answer.response()


@reports.get(
    "/counted",
    operation_id="counted_volumes",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "reports:read"},
)
async def counted_volumes(session: Session, _: Reader, period: PeriodQuery) -> CountedReport:
    """Mail that is counted, not scanned, in a Jalali period: what `volumes` does not have."""
    return await service.report(session, Period.parse(period))
