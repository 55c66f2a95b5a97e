"""HTTP of searching; its literal paths go before the registry's `/{code}`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.offices.dependencies import DeskOf
from services.offices.search import service
from services.offices.search.schemas import FoundOffice, NearestOut, NearQuery, SearchQuery
from shared.errors import responses
from shared.pagination import PageBody, link_next
from shared.query import query, query_extra

Near = Annotated[NearQuery, Depends(query(NearQuery))]
Wanted = Annotated[SearchQuery, Depends(query(SearchQuery))]

router = APIRouter(prefix="/v1/offices", tags=["offices"])


@router.get(
    "/nearest",
    operation_id="nearest_offices",
    response_model=NearestOut,
    responses=responses(401, 422, 503),
    openapi_extra={"x-scope": "public", **query_extra(NearQuery)},
)
async def nearest_offices(asked: Near, desk: DeskOf) -> Response:
    """The nearest active offices to a place, by great-circle distance."""
    return Response(await service.nearest(desk, asked), media_type="application/json")


@router.get(
    "/search",
    operation_id="search_offices",
    response_model=PageBody[FoundOffice],
    responses=responses(401, 422, 503),
    openapi_extra={"x-scope": "public", **query_extra(SearchQuery)},
)
async def search_offices(request: Request, asked: Wanted, desk: DeskOf) -> Response:
    """Offices by name, address, code or place, by what they offer, and by whether they are open."""
    body, following = await service.search(desk, asked)
    response = Response(body, media_type="application/json")
    link_next(request, response, following)
    return response
