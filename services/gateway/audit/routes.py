"""The chains of what was done, of the caller's world; to read, never to write."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.gateway.audit import service
from services.gateway.audit.schemas import ChainBody, EntryBody
from services.gateway.dependencies import Caller, Page, Session, require
from shared.errors import responses
from shared.pagination import PageBody, link_next

SCOPE = {"x-scope": "audit:read"}
Reader = Annotated[Caller, Depends(require("audit:read"))]
Chain = Annotated[str, Path(max_length=36, pattern=r"^([0-9a-f-]{36}|province)$")]
Type = Annotated[str | None, Query(max_length=100, pattern=r"^[a-z_]+\.[a-z_]+$")]
router = APIRouter(prefix="/v1/audit/chains", tags=["audit"])


@router.get(
    "",
    operation_id="list_audit_chains",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 422, 503),
)
async def list_audit_chains(
    session: Session, _: Reader, page: Page, request: Request, response: Response
) -> PageBody[ChainBody]:
    items, following = await service.list_chains(session, page)
    link_next(request, response, following)
    return PageBody(items=items, next=following)


@router.get(
    "/{chain}/entries",
    operation_id="list_audit_entries",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def list_audit_entries(
    chain: Chain,
    session: Session,
    _: Reader,
    page: Page,
    request: Request,
    response: Response,
    *,
    type_: Annotated[Type, Query(alias="type")] = None,
) -> PageBody[EntryBody]:
    items, following = await service.list_entries(session, chain, page, type_)
    link_next(request, response, following)
    return PageBody(items=items, next=following)
