"""What is told of webhooks, for the audit: no secret, and of an address its host alone."""

import hashlib
from datetime import datetime
from typing import Final, Literal, get_args
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from yarl import URL

from services.gateway.webhooks.models import WebhookEndpoint
from shared import outbox

Change = Literal["registered", "changed", "rotated", "disabled"]
TYPES: Final = tuple(f"webhook_endpoint.{change}" for change in get_args(Change))


class EndpointState(BaseModel):
    """`url_sha256`: whether the address is another one; its path may be its owner's secret."""

    id: UUID
    partner: UUID
    host: str
    url_sha256: str
    events: list[str]
    version: int
    previous_until: datetime | None
    disabled_at: datetime | None


class EndpointEvent(BaseModel):
    """`by`: the account, or the person of it who signed in."""

    webhook_endpoint: EndpointState
    by: str


async def tell(
    session: AsyncSession, change: Change, endpoint: WebhookEndpoint, by: str, now: datetime
) -> None:
    state = EndpointState(
        id=endpoint.id,
        partner=endpoint.partner,
        host=URL(endpoint.url).raw_host or "",
        url_sha256=hashlib.sha256(endpoint.url.encode()).hexdigest(),
        events=endpoint.events,
        version=endpoint.version,
        previous_until=endpoint.previous_until,
        disabled_at=endpoint.disabled_at,
    )
    data = EndpointEvent(webhook_endpoint=state, by=by).model_dump(mode="json")
    subject = str(endpoint.partner)
    await outbox.append(session, f"webhook_endpoint.{change}", data, time=now, subject=subject)
