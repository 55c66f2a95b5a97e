"""HTTP of tracking."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.parcels.booking.schemas import HistoryBody
from services.parcels.caches import Desk
from services.parcels.dependencies import Caller, Database, Offices, desk, require
from services.parcels.tracking import domain, service
from services.parcels.tracking.domain import Language
from services.parcels.tracking.schemas import Tracking, TrackMany, TrackManyBody
from shared.body import Body, body_extra, json_body
from shared.errors import responses
from shared.etag import tagged

router = APIRouter(tags=["tracking"])

AnyDesk = Annotated[Desk, Depends(desk())]
BarcodePath = Annotated[str, Path(max_length=60)]
LanguageQuery = Annotated[
    Language | None, Query(description="Goes before `Accept-Language`; without both, Persian.")
]


def _header(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": 1000}
    return {"name": name, "in": "header", "description": description, "schema": schema}


# told, not declared: to read headers through FastAPI's parameters costs a hot route more
ACCEPT_LANGUAGE: Final = _header("Accept-Language", "of texts and towns: fa or en")
IF_NONE_MATCH: Final = _header("If-None-Match", "the `ETag` of the answer that is already known")


@router.get(
    "/v1/tracking/{barcode}",
    operation_id="track",
    response_model=Tracking,
    responses={304: {"description": "As `If-None-Match` knows it"}, **responses(404, 422)},
    openapi_extra={"x-scope": "public", "parameters": [ACCEPT_LANGUAGE, IF_NONE_MATCH]},
)
async def track(
    request: Request, at: AnyDesk, barcode: BarcodePath, lang: LanguageQuery = None
) -> Response:
    """Where a parcel is: status, town and time, for anyone who has its number."""
    texts = domain.texts(lang, request.headers.get("accept-language"))
    answer = await service.track(at, barcode, texts)
    headers = {"Content-Language": texts.language, "Vary": "Accept-Language"}
    return tagged(request, answer, "application/json", headers)


@router.post(
    "/v1/tracking",
    operation_id="track_many",
    response_model=TrackManyBody,
    responses=responses(413, 422),
    openapi_extra={
        "x-scope": "public",
        "parameters": [ACCEPT_LANGUAGE],
        **body_extra(TrackMany),
    },
)
async def track_many(
    request: Request,
    body: Annotated[Body[TrackMany], Depends(json_body(TrackMany))],
    at: AnyDesk,
    lang: LanguageQuery = None,
) -> Response:
    """Up to 100 numbers at once, in the order asked."""
    texts = domain.texts(lang, request.headers.get("accept-language"))
    answer = await service.track_many(at, body.value.barcodes, texts)
    headers = {"Content-Language": texts.language, "Vary": "Accept-Language"}
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
