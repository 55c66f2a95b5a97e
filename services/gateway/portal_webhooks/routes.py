"""Pages of a partner's webhooks."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.gateway.dependencies import Now
from services.gateway.portal_webhooks import service
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import PartnerPage

router = pages()
Cursor = Annotated[str | None, Query(max_length=500)]
Status = Annotated[str, Query(max_length=20)]


@router.get("/portal/partner/webhooks")
async def webhooks(page: PartnerPage, cursor: Cursor = None) -> Response:
    return await service.webhooks(page, cursor)


@router.post("/portal/partner/webhooks")
async def register(page: PartnerPage) -> Response:
    return await service.register(page)


@router.get("/portal/partner/webhooks/{webhook_id}")
async def webhook(
    page: PartnerPage, webhook_id: UUID, cursor: Cursor = None, status: Status = ""
) -> Response:
    return await service.webhook(page, webhook_id, cursor, status)


@router.get("/portal/partner/webhooks/{webhook_id}/deliveries/{delivery_id}")
async def delivery(page: PartnerPage, webhook_id: UUID, delivery_id: UUID) -> Response:
    return await service.delivery(page, webhook_id, delivery_id)


@router.post("/portal/partner/webhooks/{webhook_id}/deliveries/{delivery_id}/replay")
async def replay(page: PartnerPage, webhook_id: UUID, delivery_id: UUID) -> Response:
    return await service.replay(page, webhook_id, delivery_id)


@router.post("/portal/partner/webhooks/{webhook_id}/{act}")
async def act(page: PartnerPage, webhook_id: UUID, act: str, now: Now) -> Response:
    return await service.act(page, webhook_id, act, now)
