"""Use cases of webhooks: register, list, disable, see the log; turn events into deliveries."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.events import TOLD, partner_of, told
from services.gateway.webhooks import domain, repository
from services.gateway.webhooks.addresses import UrlRefusedError, check_url
from services.gateway.webhooks.domain import NewDelivery
from services.gateway.webhooks.errors import TooManyEndpoints
from services.gateway.webhooks.models import WebhookDelivery, WebhookEndpoint
from services.gateway.webhooks.schemas import EndpointRegistration
from shared.auth import Caller
from shared.consumer import Event
from shared.errors import Forbidden, Invalid
from shared.pagination import Page, cut

ENQUEUE_ROWS: Final = 5_000


async def register(
    session: AsyncSession,
    caller: Caller,
    wanted: EndpointRegistration,
    now: datetime,
    *,
    allow_private: bool,
) -> WebhookEndpoint:
    partner = _partner(caller)
    try:
        check_url(wanted.url, allow_private=allow_private)
    except UrlRefusedError as error:
        raise Invalid.field("body.url", str(error)) from error
    if await repository.count_enabled(session, partner) >= domain.ENDPOINTS_MAX:
        raise TooManyEndpoints(f"at most {domain.ENDPOINTS_MAX} webhooks; delete one first")
    endpoint = WebhookEndpoint(
        partner=partner,
        url=wanted.url,
        events=sorted(set(wanted.events)),
        description=wanted.description,
        secret=secrets.token_bytes(domain.SECRET_BYTES),
        failures=0,
        created_at=now,
    )
    await repository.add(session, endpoint)
    return endpoint


async def disable(session: AsyncSession, caller: Caller, endpoint: UUID, now: datetime) -> None:
    found = await repository.get(session, _partner(caller), endpoint)
    await repository.disable(session, found.id, now)


async def endpoints(
    session: AsyncSession, caller: Caller, asked: Page
) -> tuple[list[WebhookEndpoint], str | None]:
    before = asked.after_uuid()
    rows = await repository.endpoints(
        session, _partner(caller), before=before, limit=asked.limit + 1
    )
    return cut(rows, asked, lambda row: [str(row.id)])


async def deliveries(
    session: AsyncSession, caller: Caller, endpoint: UUID, asked: Page
) -> tuple[list[WebhookDelivery], str | None]:
    before = asked.after_int()
    found = await repository.get(session, _partner(caller), endpoint)
    rows = await repository.deliveries(session, found.id, before=before, limit=asked.limit + 1)
    return cut(rows, asked, lambda row: [row.seq])


async def follow(session: AsyncSession, events: Sequence[Event], now: datetime) -> None:
    """Queue a delivery per item and endpoint that wants it; backfilled items are not told."""
    subscribers = await _subscribers(session, events)
    if not subscribers:
        return
    chunk: list[NewDelivery] = []
    for delivery in _wanted(events, subscribers):
        chunk.append(delivery)
        if len(chunk) == ENQUEUE_ROWS:
            await repository.enqueue(session, chunk, now)
            chunk = []
    if chunk:
        await repository.enqueue(session, chunk, now)


async def _subscribers(
    session: AsyncSession, events: Sequence[Event]
) -> dict[str, list[WebhookEndpoint]]:
    """Who listens, by the partner as the items name it: one look a page, whatever its length."""
    partners: set[str] = {
        partner_of(raw) for event in events for raw in told(event) if not raw.get("backfill")
    }
    accounts = {text: account for text in partners if (account := _uuid(text)) is not None}
    if not accounts:
        return {}
    listening: dict[UUID, list[WebhookEndpoint]] = {}
    for endpoint in await repository.subscribers(session, accounts.values()):
        listening.setdefault(endpoint.partner, []).append(endpoint)
    return {text: listening[of] for text, of in accounts.items() if of in listening}


def _wanted(
    events: Sequence[Event], subscribers: dict[str, list[WebhookEndpoint]]
) -> Iterator[NewDelivery]:
    """In the feed's order, which is each subject's own."""
    for event in events:
        model = TOLD[event["type"]]
        for raw in told(event):
            endpoints = subscribers.get(partner_of(raw))
            if not endpoints or raw.get("backfill"):
                continue
            item = model.model_validate(raw)
            body = domain.payload(event["type"], event["time"], item.public())
            for endpoint in endpoints:
                if domain.wants(endpoint.events, event["type"]):
                    subject = item.subject()
                    name = domain.delivery_id(endpoint.id, event["id"], subject, item.occurrence())
                    yield NewDelivery(name, endpoint.id, event["type"], subject, body)


def _partner(caller: Caller) -> UUID:
    account = _uuid(caller.id)
    if account is None:
        raise Forbidden("webhooks belong to accounts")
    return account


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None
