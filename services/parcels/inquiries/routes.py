"""HTTP of inquiries by sister services; nothing here is forwarded."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from services.parcels.dependencies import Caller, Database, Offices, require
from services.parcels.inquiries import service
from services.parcels.inquiries.schemas import ByPhone, CustodyChain, PhoneParcels
from shared.errors import responses

router = APIRouter(prefix="/internal/parcels", tags=["internal"])

Sister = Annotated[Caller, Depends(require("internal"))]


@router.get(
    "/{barcode}/custody",
    operation_id="parcel_custody_chain",
    responses=responses(401, 403, 404, 422, 503),
)
async def custody(
    database: Database,
    offices: Offices,
    barcode: Annotated[str, Path(max_length=60)],
    _: Sister,
) -> CustodyChain:
    """Through whose hands a parcel went, with what did not fit."""
    return await service.custody(database, offices, barcode)


@router.post(
    "/by-phone",
    operation_id="parcels_by_phone",
    responses=responses(400, 401, 403, 413, 422, 503),
)
async def by_phone(database: Database, offices: Offices, _: Sister, body: ByPhone) -> PhoneParcels:
    """The newest parcels that a phone's owner sent or is to get; asked in the body, not the URL."""
    return await service.by_phone(database, offices, body.phone)
