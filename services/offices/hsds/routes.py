"""HTTP of Open Referral HSDS 3.0, for directories that read every registry the same way.

The standard pages by number, with totals; our own lists under /v1 page by keyset.
"""

from dataclasses import replace
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from services.offices.dependencies import Now, Session
from services.offices.hsds import service
from services.offices.hsds.domain import Slice
from services.offices.hsds.repository import Filters
from services.offices.hsds.schemas import (
    About,
    MinimalService,
    Numbered,
    Organization,
    OrganizationInFull,
    ServiceAtLocation,
    ServiceAtLocationFlat,
    ServiceFlat,
    ServiceInFull,
)
from shared.errors import responses
from shared.fields import Instant
from shared.text import fold_search, text

PROFILE: Final = "https://github.com/openreferral/specification/tree/3.0"
PER_PAGE_MAX: Final = 500


async def _served(request: Request) -> None:
    service.check_served(request.query_params)


router = APIRouter(prefix="/hsds", tags=["hsds"], dependencies=[Depends(_served)])
LIST: dict[str, Any] = {
    "responses": responses(401, 422, 503),
    "response_model_exclude_none": True,
    "openapi_extra": {"x-scope": "public"},
}
ONE: dict[str, Any] = LIST | {"responses": responses(401, 404, 422, 503)}
Format = Annotated[Literal["json"], Query(description="Only JSON.")]
Search = Annotated[str | None, text(1, 100), Query(description="Words of a name.")]


async def _page(
    page: Annotated[int, Query(ge=1, le=100_000, description="The first page is 1.")] = 1,
    per_page: Annotated[int, Query(ge=1, le=PER_PAGE_MAX)] = 50,
    format: Format = "json",  # noqa: A002, ARG001 - the standard's name; it has one value
) -> Slice:
    return Slice(page, per_page)


async def _filters(
    search: Search = None,
    organization_id: UUID | None = None,
    modified_after: Instant | None = None,
) -> Filters:
    words = None if search is None else fold_search(search)
    return Filters(words, organization_id, modified_after=modified_after)


Page = Annotated[Slice, Depends(_page)]
Wanted = Annotated[Filters, Depends(_filters)]


@router.get(
    "/",
    operation_id="hsds_about",
    responses=responses(401, 422),
    openapi_extra={"x-scope": "public"},
)
async def about(request: Request) -> About:
    return About(version="3.0", profile=PROFILE, openapi_url=f"{request.base_url}openapi.json")


@router.get("/organizations", operation_id="hsds_organizations", **LIST)
async def organizations(
    session: Session, page: Page, search: Search = None
) -> Numbered[Organization]:
    return await service.organizations(session, search, page)


@router.get("/organizations/{organization_id}", operation_id="hsds_organization", **ONE)
async def organization(organization_id: UUID, session: Session, now: Now) -> OrganizationInFull:
    return await service.organization(session, organization_id, now)


@router.get("/services", operation_id="hsds_services", **LIST)
async def services(
    *,
    session: Session,
    page: Page,
    now: Now,
    wanted: Wanted,
    minimal: Annotated[bool, Query(description="Only id and date of change.")] = False,
) -> Numbered[ServiceFlat] | Numbered[MinimalService]:
    return await (
        service.minimal_services(session, wanted, page)
        if minimal
        else service.services(session, wanted, page, now)
    )


@router.get("/services/{service_id}", operation_id="hsds_service", **ONE)
async def one_service(service_id: UUID, session: Session, now: Now) -> ServiceInFull:
    return await service.service(session, service_id, now)


@router.get("/service_at_locations", operation_id="hsds_service_at_locations", **LIST)
async def service_at_locations(
    session: Session,
    page: Page,
    now: Now,
    wanted: Wanted,
    service_id: Annotated[UUID | None, Query(description="Beyond the standard.")] = None,
) -> Numbered[ServiceAtLocationFlat]:
    """What is offered today at active offices."""
    return await service.at_locations(session, replace(wanted, service=service_id), page, now)


@router.get(
    "/service_at_locations/{service_at_location_id}", operation_id="hsds_service_at_location", **ONE
)
async def service_at_location(
    service_at_location_id: UUID, session: Session, now: Now
) -> ServiceAtLocation:
    return await service.at_location(session, service_at_location_id, now)
