"""HTTP of tracking."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from services.parcels.booking.schemas import HistoryBody
from services.parcels.caches import Desk
from services.parcels.dependencies import Caller, Database, Offices, desk, require
from services.parcels.tracking import service
from services.parcels.tracking.schemas import Tracking, TrackMany, TrackManyBody
from shared.body import Body, body_extra, json_body
from shared.errors import responses

router = APIRouter(tags=["tracking"])

AnyDesk = Annotated[Desk, Depends(desk())]
BarcodePath = Annotated[str, Path(max_length=60)]


@router.get(
    "/v1/tracking/{barcode}",
    operation_id="track",
    response_model=Tracking,
    responses=responses(404, 422),
    openapi_extra={"x-scope": "public"},
)
async def track(at: AnyDesk, barcode: BarcodePath) -> Response:
    """Where a parcel is: status, town and time, for anyone who has its number."""
    return Response(await service.track(at, barcode), media_type="application/json")


@router.post(
    "/v1/tracking",
    operation_id="track_many",
    response_model=TrackManyBody,
    responses=responses(413, 422),
    openapi_extra={"x-scope": "public", **body_extra(TrackMany)},
)
async def track_many(
    body: Annotated[Body[TrackMany], Depends(json_body(TrackMany))],
    at: AnyDesk,
) -> Response:
    """Up to 100 numbers at once, in the order asked."""
    answer = await service.track_many(at, body.value.barcodes)
    return Response(answer, media_type="application/json")


@router.get(
    "/internal/parcels/{barcode}/history",
    operation_id="parcel_history",
    responses=responses(401, 403, 404, 422),
)
async def history(
    database: Database,
    offices: Offices,
    barcode: BarcodePath,
    _: Annotated[Caller, Depends(require("internal"))],
) -> HistoryBody:
    """A parcel's whole history, for a sister service."""
    return HistoryBody.model_validate(await service.history(database, offices, barcode))
