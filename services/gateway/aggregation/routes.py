"""Answers that need more than one sister."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from services.gateway.aggregation import service
from services.gateway.aggregation.schemas import FullTracking, ProvinceReport
from services.gateway.dependencies import Caller, Runtime, require
from shared import auth
from shared.errors import responses
from shared.fields import BarcodeText, PeriodText

router = APIRouter()
Reader = Annotated[auth.Caller, Depends(require("reports:read"))]


@router.get(
    "/v1/tracking/{barcode}/full",
    tags=["tracking"],
    operation_id="track_parcel_in_full",
    openapi_extra={"x-scope": "public"},
    responses=responses(404, 422, 503),
)
async def track_parcel_in_full(
    barcode: Annotated[BarcodeText, Path()], caller: Caller, runtime: Runtime
) -> FullTracking:
    """The parcel, the offices of its way with their hours, and open complaints about it."""
    return await service.full_tracking(runtime, caller.world, barcode)


@router.get(
    "/v1/reports/province",
    tags=["reports"],
    operation_id="report_province",
    openapi_extra={"x-scope": "reports:read"},
    responses=responses(401, 403, 422, 503),
)
async def report_province(
    period: Annotated[PeriodText, Query()], caller: Reader, runtime: Runtime
) -> ProvinceReport:
    """The province in a Jalali year, half or month: what the post publishes of it, and more."""
    return await service.province_report(runtime, caller, period)
