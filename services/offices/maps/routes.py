"""HTTP of the maps: GeoJSON (RFC 7946)."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.offices.coverage.routes import Filters
from services.offices.dependencies import Session
from services.offices.maps import service
from services.offices.maps.schemas import FeatureCollection, OfficeProperties, PlaceProperties
from services.offices.registry.schemas import Slug
from shared.errors import responses
from shared.pagination import Page, decode_cursor, link_next

FEATURES_MAX: Final = 1_000

router = APIRouter(prefix="/v1", tags=["maps"])


class GeoJSON(JSONResponse):
    media_type = "application/geo+json"


async def _page(
    limit: Annotated[int, Query(ge=1, le=FEATURES_MAX)] = 500,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Page:
    return Page(limit, decode_cursor(cursor) if cursor else None)


MapPage = Annotated[Page, Depends(_page)]
Bbox = Annotated[
    str | None,
    Query(
        max_length=100,
        description="west,south,east,north in degrees (RFC 7946, section 5)",
        examples=["48.2,31.0,49.0,31.8"],
    ),
]
MAP: dict[str, Any] = {
    "response_class": GeoJSON,
    "responses": responses(401, 404, 422, 503),
    "openapi_extra": {"x-scope": "public"},
}


@router.get("/offices.geojson", operation_id="map_offices", **MAP)
async def map_offices(
    request: Request,
    response: Response,
    page: MapPage,
    session: Session,
    wanted: Filters,
    county: Slug | None = None,
    bbox: Bbox = None,
) -> FeatureCollection[OfficeProperties]:
    """Active offices as points; without kind and service, those that serve the public."""
    found = await service.offices(session, wanted, county, bbox, page)
    link_next(request, response, found.next)
    return found


@router.get("/places.geojson", operation_id="map_places", **MAP)
async def map_places(
    request: Request,
    response: Response,
    page: MapPage,
    session: Session,
    wanted: Filters,
    county: Slug | None = None,
    bbox: Bbox = None,
) -> FeatureCollection[PlaceProperties]:
    """Towns as points, each with its nearest office of those that `kind` and `service` choose."""
    found = await service.towns(session, wanted, county, bbox, page)
    link_next(request, response, found.next)
    return found
