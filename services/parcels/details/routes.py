"""HTTP of details."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from services.parcels.caches import Desk
from services.parcels.dependencies import Now, Session, desk
from services.parcels.details import service
from services.parcels.details.schemas import Details, DetailsRequest
from shared.errors import responses

router = APIRouter(prefix="/v1", tags=["tracking"])


@router.post(
    "/tracking/{barcode}/details",
    operation_id="track_details",
    openapi_extra={"x-scope": "public"},
    responses=responses(400, 401, 403, 404, 413, 422, 503),
)
async def track_details(
    barcode: Annotated[str, Path(max_length=40)],
    body: DetailsRequest,
    at: Annotated[Desk, Depends(desk())],
    session: Session,
    now: Now,
    response: Response,
) -> Details:
    """Offices, attempts, what is to be paid: for who knows how the recipient's phone ends.

    Five wrong tries a day and parcel.
    """
    response.headers["Cache-Control"] = "no-store"
    return await service.details(session, at, barcode, body.phone_last_four, now)
