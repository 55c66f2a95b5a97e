"""HTTP of webhooks: a partner's own endpoints and their log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.gateway.config import settings_of
from services.gateway.dependencies import Now, Page, Runtime, Session, require
from services.gateway.webhooks import domain, service
from services.gateway.webhooks.schemas import (
    Delivery,
    Endpoint,
    EndpointRegistration,
    RegisteredEndpoint,
)
from shared.auth import Caller
from shared.errors import responses
from shared.pagination import PageBody, link_next

SCOPE = "webhooks:write"

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
Owner = Annotated[Caller, Depends(require(SCOPE))]


@router.post(
    "",
    operation_id="register_webhook",
    status_code=201,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def register_webhook(
    body: EndpointRegistration, caller: Owner, session: Session, runtime: Runtime, now: Now
) -> RegisteredEndpoint:
    """Have your parcels' events sent to a URL, signed after Standard Webhooks 1.0."""
    allow_private = settings_of(runtime).webhook_allow_private
    endpoint = await service.register(session, caller, body, now, allow_private=allow_private)
    shown = Endpoint.model_validate(endpoint).model_dump()
    return RegisteredEndpoint(**shown, secret=domain.secret_text(endpoint.secret))


@router.get(
    "",
    operation_id="list_webhooks",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def list_webhooks(
    request: Request, response: Response, caller: Owner, session: Session, page: Page
) -> PageBody[Endpoint]:
    """Your webhooks, the newest first; deleted ones stay in the list for 30 days."""
    rows, following = await service.endpoints(session, caller, page)
    link_next(request, response, following)
    return PageBody(items=[Endpoint.model_validate(row) for row in rows], next=following)


@router.delete(
    "/{webhook_id}",
    operation_id="delete_webhook",
    status_code=204,
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def delete_webhook(webhook_id: UUID, caller: Owner, session: Session, now: Now) -> None:
    """Disable a webhook: nothing more is sent to it, what waits is dropped."""
    await service.disable(session, caller, webhook_id, now)


@router.get(
    "/{webhook_id}/deliveries",
    operation_id="list_webhook_deliveries",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def list_webhook_deliveries(
    webhook_id: UUID,
    request: Request,
    response: Response,
    caller: Owner,
    session: Session,
    page: Page,
) -> PageBody[Delivery]:
    """What was sent and what is to be sent, the newest first; kept for 30 days."""
    rows, following = await service.deliveries(session, caller, webhook_id, page)
    link_next(request, response, following)
    return PageBody(items=[Delivery.model_validate(row) for row in rows], next=following)
