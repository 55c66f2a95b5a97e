"""HTTP of manifests."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.parcels.caches import Desk
from services.parcels.dependencies import Command, Effect, Page, Session, answer_once, desk
from services.parcels.manifests import service
from services.parcels.manifests.schemas import (
    Handover,
    ManifestCode,
    ManifestItemOut,
    ManifestOut,
    NewManifest,
)
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/manifests", tags=["manifests"])
Shop = Annotated[Desk, Depends(desk("parcels:book"))]
Reader = Annotated[Desk, Depends(desk("parcels:read"))]
Clerk = Annotated[Desk, Depends(desk("scans:write"))]


@router.post(
    "",
    status_code=201,
    operation_id="close_manifest",
    response_model=ManifestOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": "parcels:book"},
)
async def close_manifest(body: NewManifest, at: Shop, session: Session, once: Effect) -> Response:
    """One number for the parcels you bring to an office, 5,000 at most; its `code` is scanned."""
    return (await service.close(session, at, body, once)).response()


@router.get(
    "",
    operation_id="list_manifests",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def list_manifests(
    request: Request, response: Response, page: Page, at: Reader, session: Session
) -> PageBody[ManifestOut]:
    """Your own, newest first."""
    found, cursor = await service.listing(session, at, page)
    link_next(request, response, cursor)
    return PageBody[ManifestOut](items=found, next=cursor)


@router.get(
    "/{code}",
    operation_id="get_manifest",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def get_manifest(code: ManifestCode, at: Reader, session: Session) -> ManifestOut:
    """One of your own; once accepted, what was missing and what was too much."""
    return await service.get(session, at, code)


@router.get(
    "/{code}/items",
    operation_id="list_manifest_items",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def list_manifest_items(
    request: Request,
    response: Response,
    code: ManifestCode,
    page: Page,
    at: Reader,
    session: Session,
) -> PageBody[ManifestItemOut]:
    """In the order of booking."""
    found, cursor = await service.items(session, at, code, page)
    link_next(request, response, cursor)
    return PageBody[ManifestItemOut](items=found, next=cursor)


@router.post(
    "/{code}/withdraw",
    operation_id="withdraw_manifest",
    responses=responses(401, 403, 404, 409, 422, 503),
    openapi_extra={"x-scope": "parcels:book"},
)
async def withdraw_manifest(code: ManifestCode, at: Shop, session: Session) -> ManifestOut:
    """Before it is accepted: its parcels can be put on another."""
    return await service.withdraw(session, at, code)


@router.post(
    "/{code}/accept",
    operation_id="accept_manifest",
    response_model=ManifestOut,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"x-scope": "scans:write"},
)
async def accept_manifest(
    code: ManifestCode, body: Handover, at: Clerk, session: Session, command: Command
) -> Response:
    """At the counter: one scan and the pieces counted; every parcel that is there is accepted."""
    return await answer_once(
        session, command, lambda: service.accept(session, at, code, body), status=200
    )
