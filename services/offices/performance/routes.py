"""HTTP of services performed and their statistics."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.offices.catalogue.schemas import ServiceCode
from services.offices.dependencies import (
    RECORD,
    REPORTS,
    Effect,
    Now,
    Page,
    Recorder,
    Reporter,
    Session,
    answer_once,
)
from services.offices.performance import service
from services.offices.performance.schemas import (
    RecordBatch,
    RecordBatchResult,
    RecordOut,
    Reversal,
    ServiceStatistics,
)
from shared.body import Body, body_extra, json_body
from shared.calendar import Period
from shared.errors import responses
from shared.fields import Day, OfficeCode, PeriodText
from shared.pagination import PageBody, link_next

performed = APIRouter(prefix="/v1/services/performed", tags=["performance"])
offices = APIRouter(prefix="/v1/offices/{code}/performed", tags=["performance"])
statistics = APIRouter(prefix="/v1/statistics/services", tags=["statistics"])

RECORDERS: dict[str, Any] = {"x-scope": RECORD}


@performed.post(
    "",
    operation_id="record_performed",
    responses=responses(401, 403, 413, 422, 503),
    openapi_extra={**RECORDERS, **body_extra(RecordBatch)},
)
async def record_performed(
    caller: Recorder,  # before the body: who may not record learns nothing of its faults
    body: Annotated[Body[RecordBatch], Depends(json_body(RecordBatch))],
    session: Session,
    now: Now,
) -> RecordBatchResult:
    """Record up to 1,000, a result each. What did not fit is recorded and flagged.

    Days more than 31 days ago need the scope `backfill`.
    """
    return await service.record(session, body.value, caller=caller, now=now)


@performed.post(
    "/{record_id}/reverse",
    operation_id="reverse_performed",
    response_model=RecordOut,
    status_code=201,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=RECORDERS,
)
async def reverse_performed(
    record_id: UUID, body: Reversal, caller: Recorder, session: Session, now: Now, once: Effect
) -> Response:
    """Correct a record by a row with the negative count; then record anew what was done."""
    return await answer_once(
        session,
        once,
        lambda: service.reverse(session, record_id, body.reason, caller=caller, now=now),
    )


@offices.get(
    "",
    operation_id="list_performed",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=RECORDERS,
)
async def list_performed(
    *,
    request: Request,
    response: Response,
    code: OfficeCode,
    page: Page,
    caller: Recorder,
    session: Session,
    first: Annotated[Day, Query(alias="from")] = date(1900, 1, 1),
    last: Annotated[Day, Query(alias="until")] = date(2200, 12, 31),
) -> PageBody[RecordOut]:
    """An office's records by day, with the office's share by the price of the day."""
    found, following = await service.listing(session, code, (first, last), page, caller=caller)
    link_next(request, response, following)
    return PageBody[RecordOut](items=found, next=following)


@statistics.get(
    "",
    operation_id="service_statistics",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": REPORTS},
)
async def service_statistics(
    session: Session,
    now: Now,
    _: Reporter,
    period: Annotated[PeriodText, Query(description="1397, 1398-H1, 1397-05 or 1397-05-12")],
) -> ServiceStatistics:
    """Delegated services performed in a Jalali period, with growth on the year before."""
    return await service.statistics(session, Period.parse(period), now)


@statistics.get(
    "/records",
    operation_id="service_statistics_records",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": REPORTS},
)
async def service_statistics_records(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    _: Reporter,
    period: Annotated[PeriodText, Query()],
    service_code: Annotated[ServiceCode, Query(alias="service")],
) -> PageBody[RecordOut]:
    """The records that a service's number in a period is the sum of, reversals among them."""
    found, following = await service.summed(session, service_code, Period.parse(period), page)
    link_next(request, response, following)
    return PageBody[RecordOut](items=found, next=following)
