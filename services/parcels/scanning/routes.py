"""HTTP of scanning."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.parcels.caches import Desk
from services.parcels.dependencies import desk
from services.parcels.scanning import service
from services.parcels.scanning.schemas import ScanBatch, ScanBatchResult
from shared.body import Body, body_extra, json_body
from shared.errors import responses

router = APIRouter(prefix="/v1/scans", tags=["scanning"])


@router.post(
    "",
    operation_id="record_scans",
    response_model=ScanBatchResult,
    responses=responses(401, 403, 413, 422),
    openapi_extra={"x-scope": "scans:write", **body_extra(ScanBatch)},
)
async def record_scans(
    body: Annotated[Body[ScanBatch], Depends(json_body(ScanBatch))],
    at: Annotated[Desk, Depends(desk("scans:write"))],
) -> Response:
    """Record up to 5,000 scans, a result each. A repeated scan is a `duplicate`, no error."""
    answer = await service.record(at, body.value.scans)
    return Response(answer, media_type="application/json")
