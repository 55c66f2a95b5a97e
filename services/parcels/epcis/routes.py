"""HTTP of the EPCIS view."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse

from services.parcels.dependencies import Caller, Now, Offices, Session, require
from services.parcels.epcis import service
from services.parcels.epcis.schemas import EpcisDocument
from shared.errors import responses

router = APIRouter(prefix="/v1/parcels", tags=["tracking"])


class JsonLd(JSONResponse):
    media_type = "application/ld+json"


@router.get(
    "/{barcode}/epcis",
    operation_id="parcel_epcis",
    response_class=JsonLd,
    response_model_exclude_none=True,
    responses=responses(401, 403, 404, 422),
    openapi_extra={"x-scope": "parcels:read"},
)
async def parcel_epcis(
    session: Session,
    caller: Annotated[Caller, Depends(require("parcels:read"))],
    offices: Offices,
    now: Now,
    barcode: Annotated[str, Path(max_length=40)],
) -> EpcisDocument:
    """The history of one of your own parcels as an EPCIS 2.0 document (GS1), JSON-LD."""
    return await service.document(session, offices, caller, barcode, now)
