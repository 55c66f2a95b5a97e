"""HTTP of labels."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Response

from services.parcels.dependencies import Caller, Now, Offices, Session, require
from services.parcels.labels import service
from services.parcels.labels.schemas import LabelFormat, LabelsRequest
from shared.errors import responses

router = APIRouter(prefix="/v1", tags=["labels"])
Reader = Annotated[Caller, Depends(require("parcels:read"))]
FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in service.MEDIA_TYPES.values()
        }
    }
}


@router.get(
    "/parcels/{barcode}/label",
    operation_id="parcel_label",
    response_class=Response,
    responses={**FILES, **responses(401, 403, 404, 409, 422, 503)},
    openapi_extra={"x-scope": "parcels:read"},
)
async def parcel_label(
    session: Session,
    caller: Reader,
    offices: Offices,
    now: Now,
    barcode: Annotated[str, Path(max_length=40)],
    what: Annotated[LabelFormat, Query(alias="format")] = "pdf",
) -> Response:
    """The A6 label of one of your own parcels: PDF, or ZPL for a 203 dpi printer."""
    wanted = LabelsRequest(barcodes=[barcode], format=what)
    made = await service.one(session, offices, caller, barcode, wanted, now)
    return Response(made, media_type=service.MEDIA_TYPES[what])


@router.post(
    "/labels",
    operation_id="print_labels",
    response_class=Response,
    responses={**FILES, **responses(400, 401, 403, 413, 422, 503)},
    openapi_extra={"x-scope": "parcels:read"},
)
async def print_labels(
    session: Session, caller: Reader, offices: Offices, now: Now, body: LabelsRequest
) -> Response:
    """Labels of up to 500 of your own parcels in one file, in the order given."""
    made = await service.many(session, offices, caller, body, now)
    return Response(made, media_type=service.MEDIA_TYPES[body.format])
