"""Open311 GeoReport v2 over HTTP: every document as JSON and as XML, by the suffix of its path."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.complaints.dependencies import Caller, Now, Session, SistersOf
from services.complaints.open311 import service
from services.complaints.open311.documents import (
    PUBLIC,
    Form,
    JurisdictionId,
    One,
    Requests,
    Wanted,
    answer,
    both,
    documented,
)
from services.complaints.open311.domain import FORMATS
from services.complaints.open311.schemas import (
    Created,
    DefinitionDocument,
    RequestDocument,
    ServiceDocument,
    TokenDocument,
    form_body,
)
from shared.idempotency import IdempotencyKey

router = APIRouter(prefix="/open311/v2", tags=["open311"])


@both(router, "GET", "/discovery", "discovery", dict[str, Any])
async def discovery(request: Request, session: Session, form: Wanted) -> Response:
    """Where this is served, and by which standard."""
    found = service.discovery(session, str(request.base_url))
    return answer("discovery", found, form)


@both(router, "GET", "/services", "services", list[ServiceDocument])
async def services(
    session: Session, form: Wanted, jurisdiction_id: JurisdictionId = None
) -> Response:
    """What can be complained about."""
    return answer("services", service.services(session, jurisdiction_id), form)


@router.get(
    "/services/{document}",
    operation_id="open311_service_definition",
    response_class=Response,
    response_model=None,
    responses=documented(DefinitionDocument, *FORMATS),
    openapi_extra=PUBLIC,
)
async def definition(
    session: Session, document: One, jurisdiction_id: JurisdictionId = None
) -> Response:
    """What else is to be told of a service."""
    found = service.definition(session, document.code, jurisdiction_id)
    return answer("service_definition", found, document.form)


@both(router, "POST", "/requests", "file", list[Created], requestBody=form_body())
async def file(
    session: Session,
    sisters: SistersOf,
    caller: Caller,
    now: Now,
    form: Wanted,
    told: Form,
    key: IdempotencyKey = None,
) -> Response:
    """File a case; its secret is in `service_notice` and is not shown again."""
    found = await service.file(session, sisters, caller, told, key, now)
    return answer("service_requests", found, form, no_store=True)


@both(router, "GET", "/requests", "requests", list[RequestDocument])
async def requests(
    session: Session, caller: Caller, now: Now, form: Wanted, asked: Requests
) -> Response:
    """The newest first: of the last ninety days unless told, a thousand at most."""
    found = await service.requests(session, asked, caller, now)
    return answer("service_requests", found, form)


@router.get(
    "/requests/{document}",
    operation_id="open311_request",
    response_class=Response,
    response_model=None,
    responses=documented(list[RequestDocument], *FORMATS),
    openapi_extra=PUBLIC,
)
async def request(
    session: Session, caller: Caller, document: One, jurisdiction_id: JurisdictionId = None
) -> Response:
    """A case that was filed this way: its state, and for staff what was said."""
    found = await service.request(session, document.code, jurisdiction_id, caller)
    return answer("service_requests", found, document.form)


@router.get(
    "/tokens/{document}",
    operation_id="open311_token",
    response_class=Response,
    response_model=None,
    responses=documented(list[TokenDocument], *FORMATS),
    openapi_extra=PUBLIC,
)
async def token(
    session: Session, document: One, jurisdiction_id: JurisdictionId = None
) -> Response:
    """The number of the case that a token was given for."""
    found = await service.token(session, document.code, jurisdiction_id)
    return answer("service_requests", found, document.form)
