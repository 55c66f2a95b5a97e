"""HTTP of the log of deliveries, tests and replays."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.gateway.deliveries import service
from services.gateway.deliveries.schemas import (
    Delivery,
    DeliveryDetail,
    Replay,
    ReplayRequest,
    Status,
)
from services.gateway.dependencies import Effect, Now, Page, Session, answer_once, require
from services.gateway.webhooks.routes import SCOPE
from shared.auth import Caller
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/webhooks/{webhook_id}", tags=["webhooks"])
Owner = Annotated[Caller, Depends(require(SCOPE))]


@router.get(
    "/deliveries",
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
    status: Annotated[Status | None, Query(description="`dead`: given up.")] = None,
) -> PageBody[Delivery]:
    """What was sent and what is to be sent, the newest first; kept for 30 days."""
    rows, following = await service.log(session, caller, webhook_id, status, page)
    link_next(request, response, following)
    return PageBody(items=[Delivery.model_validate(row) for row in rows], next=following)


@router.get(
    "/deliveries/{delivery_id}",
    operation_id="get_webhook_delivery",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def get_webhook_delivery(
    webhook_id: UUID, delivery_id: UUID, caller: Owner, session: Session
) -> DeliveryDetail:
    """The body as it was sent, and what came of every attempt."""
    return await service.detail(session, caller, webhook_id, delivery_id)


@router.post(
    "/deliveries/{delivery_id}/replay",
    operation_id="replay_webhook_delivery",
    status_code=202,
    response_model=Delivery,
    responses=responses(400, 401, 403, 404, 409, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def replay_webhook_delivery(
    webhook_id: UUID, delivery_id: UUID, caller: Owner, session: Session, now: Now, effect: Effect
) -> Response:
    """Send a delivery once more, with the same id and body."""
    return await answer_once(
        session,
        effect,
        lambda: service.replay_one(session, caller, webhook_id, delivery_id, now),
        status=202,
    )


@router.post(
    "/replays",
    operation_id="replay_webhook",
    status_code=202,
    response_model=Replay,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def replay_webhook(
    webhook_id: UUID,
    body: ReplayRequest,
    caller: Owner,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """Send once more what you were told in a time, of what this webhook asks for."""
    return await answer_once(
        session,
        effect,
        lambda: service.replay(session, caller, webhook_id, body, now),
        status=202,
    )


@router.post(
    "/test",
    operation_id="test_webhook",
    status_code=202,
    response_model=Delivery,
    responses=responses(400, 401, 403, 404, 409, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def test_webhook(
    webhook_id: UUID, caller: Owner, session: Session, now: Now, effect: Effect
) -> Response:
    """Send an event `webhook.test` to this webhook; the log shows what came of it."""
    return await answer_once(
        session, effect, lambda: service.send_test(session, caller, webhook_id, now), status=202
    )
