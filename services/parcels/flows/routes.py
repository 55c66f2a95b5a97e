"""HTTP of flows: what the lines do to delivery, and what a change would do."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.dependencies import Caller, Effect, Now, Page, Session, Ways, require
from services.parcels.flows import service
from services.parcels.flows.schemas import (
    Analysis,
    FlowCountOut,
    FlowRequest,
    WhatIf,
    WhatIfAnswer,
)
from shared.errors import responses
from shared.fields import PeriodText
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/routes", tags=["transport"])

WRITE, REPORTS = "transport:write", "reports:read"
Planner = Annotated[Caller, Depends(require(WRITE))]
Reader = Annotated[Caller, Depends(require(REPORTS))]
READERS: dict[str, Any] = {"x-scope": REPORTS}


@router.get(
    "/analysis",
    operation_id="analyse_lines",
    responses=responses(401, 403, 409, 422, 503),
    openapi_extra=READERS,
)
async def analyse_lines(
    _: Reader,
    session: Session,
    ways: Ways,
    now: Now,
    month: Annotated[
        PeriodText | None, Query(description="A Jalali month, 1397-05; the last by itself.")
    ] = None,
) -> Analysis:
    """Which lines lengthen delivery most, by a month's items between the sorting centres."""
    return await service.analysis(session, ways, month, now)


@router.post(
    "/what-if",
    operation_id="try_lines",
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=READERS,
)
async def try_lines(
    body: WhatIf, _: Reader, session: Session, ways: Ways, now: Now
) -> WhatIfAnswer:
    """What changed lines would do to a month's items; nothing is changed by it."""
    return await service.what_if(session, ways, body, now)


@router.get(
    "/flows",
    operation_id="list_flow_counts",
    responses=responses(401, 403, 422, 503),
    openapi_extra=READERS,
)
async def list_flow_counts(
    request: Request, response: Response, page: Page, _: Reader, session: Session
) -> PageBody[FlowCountOut]:
    """The months that are counted or are to be, newest first."""
    found, cursor = await service.listing(session, page)
    link_next(request, response, cursor)
    return PageBody[FlowCountOut](items=found, next=cursor)


@router.post(
    "/flows",
    status_code=201,
    operation_id="count_flows",
    response_model=FlowCountOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def count_flows(
    body: FlowRequest, _: Planner, session: Session, now: Now, once: Effect
) -> Response:
    """Have a month's items counted; the worker does it. The last month is counted by itself."""
    return (await service.request(session, body, once=once, now=now)).response()
