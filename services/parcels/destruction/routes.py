"""HTTP of destruction."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from services.parcels.caches import Desk
from services.parcels.dependencies import Command, Session, answer_once, desk
from services.parcels.destruction import service
from services.parcels.destruction.schemas import DestructionIn, DestructionOut
from shared.errors import responses

router = APIRouter(prefix="/v1/parcels/{barcode}/destruction", tags=["bank mail"])

Clerk = Annotated[Desk, Depends(desk("delivery:write"))]
Owner = Annotated[Desk, Depends(desk("parcels:read"))]
BarcodePath = Annotated[str, Path(max_length=40)]


@router.post(
    "",
    status_code=201,
    operation_id="destroy_parcel",
    response_model=DestructionOut,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"x-scope": "delivery:write"},
)
async def destroy_parcel(
    barcode: BarcodePath, body: DestructionIn, at: Clerk, session: Session, command: Command
) -> Response:
    """Destroyed on record, as ordered at booking for what cannot be delivered."""
    return await answer_once(session, command, lambda: service.destroy(session, at, barcode, body))


@router.get(
    "",
    operation_id="get_destruction",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def get_destruction(barcode: BarcodePath, at: Owner, session: Session) -> DestructionOut:
    """The record of a parcel of yours that was destroyed."""
    return await service.of_own(session, at, barcode)
