"""HTTP of the overviews."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.gateway.dependencies import Runtime, require
from services.gateway.overviews import service
from services.gateway.overviews.schemas import OfficeOverview, PartnerOverview
from shared import auth
from shared.errors import responses
from shared.fields import OfficeCode, PeriodText

router = APIRouter(tags=["reports"])
PeriodQuery = Annotated[PeriodText, Query(description="1397, 1398-H1, 1397-05 or 1397-05-12")]


@router.get(
    "/v1/overview",
    operation_id="own_overview",
    openapi_extra={"x-scope": "parcels:read"},
    responses=responses(401, 403, 422, 503),
)
async def own_overview(
    period: PeriodQuery,
    caller: Annotated[auth.Caller, Depends(require("parcels:read"))],
    runtime: Runtime,
) -> PartnerOverview:
    """Your bookings of a Jalali period, promises kept, open complaints, cash that you are due."""
    return await service.of_partner(runtime, caller, period)


@router.get(
    "/v1/reports/offices/{code}",
    operation_id="report_office",
    openapi_extra={"x-scope": "reports:read"},
    responses=responses(401, 403, 404, 422, 503),
)
async def report_office(
    code: OfficeCode,
    period: PeriodQuery,
    caller: Annotated[auth.Caller, Depends(require("reports:read"))],
    runtime: Runtime,
) -> OfficeOverview:
    """An office: what waits there, what it accepted in a Jalali period, complaints about it."""
    return await service.of_office(runtime, caller, code, period)
