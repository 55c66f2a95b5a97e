"""HTTP of webhooks: a partner's own endpoints."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.gateway.config import settings_of
from services.gateway.dependencies import (
    Effect,
    Now,
    Page,
    Person,
    Runtime,
    Session,
    answer_once,
    require,
)
from services.gateway.webhooks import service
from services.gateway.webhooks.domain import Hand
from services.gateway.webhooks.schemas import (
    Endpoint,
    EndpointChange,
    EndpointRegistration,
    RegisteredEndpoint,
    Rotation,
)
from shared.auth import Caller
from shared.errors import responses
from shared.pagination import PageBody, link_next

SCOPE = "webhooks:write"

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
Owner = Annotated[Caller, Depends(require(SCOPE))]


async def get_hand(caller: Owner, person: Person) -> Hand:
    return Hand(caller.account, person)


Writer = Annotated[Hand, Depends(get_hand)]


@router.post(
    "",
    operation_id="register_webhook",
    status_code=201,
    response_model=RegisteredEndpoint,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def register_webhook(
    body: EndpointRegistration,
    hand: Writer,
    session: Session,
    runtime: Runtime,
    now: Now,
    effect: Effect,
) -> Response:
    """Have your parcels' events sent to a URL, signed after Standard Webhooks 1.0."""
    allow = settings_of(runtime).webhook_allow_private
    answer = await service.register(session, hand, body, effect, now, allow_private=allow)
    return answer.response()


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


@router.get(
    "/{webhook_id}",
    operation_id="get_webhook",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def get_webhook(webhook_id: UUID, caller: Owner, session: Session) -> Endpoint:
    return Endpoint.model_validate(await service.endpoint(session, caller, webhook_id))


@router.patch(
    "/{webhook_id}",
    operation_id="change_webhook",
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def change_webhook(
    webhook_id: UUID,
    body: EndpointChange,
    hand: Writer,
    session: Session,
    runtime: Runtime,
    now: Now,
) -> Endpoint:
    """Change where and of what you are told; what waits already is sent as it was made."""
    allow_private = settings_of(runtime).webhook_allow_private
    changed = await service.change(
        session, hand, webhook_id, body, now, allow_private=allow_private
    )
    return Endpoint.model_validate(changed)


@router.post(
    "/{webhook_id}/rotate",
    operation_id="rotate_webhook_secret",
    response_model=RegisteredEndpoint,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def rotate_webhook_secret(
    webhook_id: UUID, body: Rotation, hand: Writer, session: Session, now: Now, effect: Effect
) -> Response:
    """A new secret, shown only now. Until the overlap ends every delivery is signed with both.

    Send an Idempotency-Key: a second rotation ends the secret before the last one at once.
    """
    return await answer_once(
        session,
        effect,
        lambda: service.rotate(session, hand, webhook_id, body, now),
        status=200,
    )


@router.delete(
    "/{webhook_id}",
    operation_id="delete_webhook",
    status_code=204,
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def delete_webhook(webhook_id: UUID, hand: Writer, session: Session, now: Now) -> None:
    """Disable a webhook: nothing more is sent to it, what waits is dropped."""
    await service.disable(session, hand, webhook_id, now)
