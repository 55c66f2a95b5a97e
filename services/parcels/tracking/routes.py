"""HTTP of tracking."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response

from services.parcels.booking.schemas import HistoryBody
from services.parcels.caches import Desk
from services.parcels.dependencies import Caller, Database, Offices, desk, require
from services.parcels.tracking import domain, service
from services.parcels.tracking.domain import Texts
from services.parcels.tracking.schemas import Tracking, TrackMany, TrackManyBody
from shared.body import Body, body_extra, json_body
from shared.errors import responses
from shared.etag import tagged

router = APIRouter(tags=["tracking"])

AnyDesk = Annotated[Desk, Depends(desk())]
BarcodePath = Annotated[str, Path(max_length=60)]


def _parameter(name: str, where: str, description: str, **schema: Any) -> dict[str, Any]:
    told = {"type": "string", **schema}
    return {"name": name, "in": where, "description": description, "schema": told}


# told, not declared: FastAPI's solving of a parameter costs a hot route more than its reading
LANGUAGE: Final = (
    _parameter("lang", "query", "Goes before `Accept-Language`.", enum=["fa", "en"]),
    _parameter("Accept-Language", "header", "Of texts and towns; Persian first.", maxLength=1000),
)
IF_NONE_MATCH: Final = _parameter(
    "If-None-Match", "header", "The `ETag` of the answer that is known.", maxLength=1000
)


def _texts(request: Request) -> Texts:
    asked = request.query_params.get("lang") if request.scope["query_string"] else None
    return domain.texts(asked, request.headers.get("accept-language"))


@router.get(
    "/v1/tracking/{barcode}",
    operation_id="track",
    response_model=Tracking,
    responses={304: {"description": "As `If-None-Match` knows it"}, **responses(404, 422)},
    openapi_extra={"x-scope": "public", "parameters": [*LANGUAGE, IF_NONE_MATCH]},
)
async def track(request: Request, at: AnyDesk, barcode: BarcodePath) -> Response:
    """Where a parcel is: status, town and time, for anyone who has its number."""
    texts = _texts(request)
    answer = await service.track(at, barcode, texts)
    return tagged(request, answer, "application/json", texts.headers)


@router.post(
    "/v1/tracking",
    operation_id="track_many",
    response_model=TrackManyBody,
    responses=responses(413, 422),
    openapi_extra={
        "x-scope": "public",
        "parameters": list(LANGUAGE),
        **body_extra(TrackMany),
    },
)
async def track_many(
    request: Request,
    body: Annotated[Body[TrackMany], Depends(json_body(TrackMany))],
    at: AnyDesk,
) -> Response:
    """Up to 100 numbers at once, in the order asked."""
    texts = _texts(request)
    answer = await service.track_many(at, body.value.barcodes, texts)
    headers = {"Content-Language": texts.language}
    return Response(answer, media_type="application/json", headers=headers)


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
