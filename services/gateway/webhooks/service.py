"""Use cases of webhooks: register, change, rotate, disable; turn what is told into deliveries."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.feed import domain as feed_domain
from services.gateway.feed import service as feed
from services.gateway.feed.domain import News
from services.gateway.webhooks import domain, events, repository
from services.gateway.webhooks.addresses import UrlRefusedError, check_url
from services.gateway.webhooks.domain import Hand, NewDelivery
from services.gateway.webhooks.errors import TooManyEndpoints
from services.gateway.webhooks.models import WebhookEndpoint
from services.gateway.webhooks.schemas import (
    EndpointChange,
    EndpointRegistration,
    RegisteredEndpoint,
    Rotation,
)
from shared import idempotency
from shared.auth import Caller
from shared.consumer import Event
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut

ENQUEUE_ROWS: Final = 5_000
NOTICES_MAX: Final = 100


async def register(
    session: AsyncSession,
    hand: Hand,
    wanted: EndpointRegistration,
    effect: Once | None,
    now: datetime,
    *,
    allow_private: bool,
) -> Answer:
    _check_url(wanted.url, allow_private=allow_private)

    async def make() -> tuple[str, RegisteredEndpoint]:
        made = await _register(session, hand, wanted, now)
        return f"/v1/webhooks/{made.id}", RegisteredEndpoint.model_validate(made)

    return await idempotency.created(session, effect, make)


async def _register(
    session: AsyncSession, hand: Hand, wanted: EndpointRegistration, now: datetime
) -> WebhookEndpoint:
    await _check_room(session, hand.account)
    endpoint = WebhookEndpoint(
        partner=hand.account,
        url=wanted.url,
        events=sorted(set(wanted.events)),
        description=wanted.description,
        version=wanted.version,
        secret=secrets.token_bytes(domain.SECRET_BYTES),
        failures=0,
        created_at=now,
    )
    await repository.add(session, endpoint)
    await events.tell(session, "registered", endpoint, hand.by, now)
    return endpoint


def _check_url(url: str, *, allow_private: bool) -> None:
    try:
        check_url(url, allow_private=allow_private)
    except UrlRefusedError as error:
        raise Invalid.field("body.url", str(error)) from error


async def _check_room(session: AsyncSession, partner: UUID) -> None:
    if await repository.count_enabled(session, partner) >= domain.ENDPOINTS_MAX:
        raise TooManyEndpoints(f"at most {domain.ENDPOINTS_MAX} webhooks; delete one first")


async def change(
    session: AsyncSession,
    hand: Hand,
    endpoint: UUID,
    wanted: EndpointChange,
    now: datetime,
    *,
    allow_private: bool,
) -> WebhookEndpoint:
    """The fields that were sent; `disabled: false` takes a disabled endpoint into use again."""
    given = wanted.model_dump(exclude_none=True)
    if "url" in given:
        _check_url(given["url"], allow_private=allow_private)
    if given.get("disabled") is False:
        await _check_room_for(session, hand.account, endpoint)
    found = await repository.get(session, hand.account, endpoint, lock=True)
    if "events" in given:
        given["events"] = sorted(set(given["events"]))
    disabled = given.pop("disabled", None)
    if disabled is False or "url" in given:
        found.paused_until = None
    _able(found, disabled, now)
    for name, value in given.items():
        setattr(found, name, value)
    if session.is_modified(found):
        await session.flush()
        await events.tell(session, "changed", found, hand.by, now)
    return found


async def _check_room_for(session: AsyncSession, partner: UUID, endpoint: UUID) -> None:
    found = await repository.get(session, partner, endpoint)
    if found.disabled_at is not None:
        await _check_room(session, partner)


def _able(endpoint: WebhookEndpoint, disabled: bool | None, now: datetime) -> None:  # noqa: FBT001 - the field as it was sent, or not
    """Disable, or enable with a clean slate; nothing where it is so already, or was not asked."""
    if disabled is None or disabled == (endpoint.disabled_at is not None):
        return
    endpoint.disabled_at = now if disabled else None
    endpoint.disabled_reason = "partner" if disabled else None
    endpoint.failures, endpoint.failing_since, endpoint.noticed_at = 0, None, None


async def rotate(
    session: AsyncSession, hand: Hand, endpoint: UUID, wanted: Rotation, now: datetime
) -> RegisteredEndpoint:
    """A new secret; the one before signs beside it for a while. An older one ends at once."""
    found = await repository.get(session, hand.account, endpoint, lock=True)
    until = now + timedelta(hours=wanted.overlap_hours)
    found.previous_secret = found.secret if wanted.overlap_hours else None
    found.previous_until = until if wanted.overlap_hours else None
    found.secret = secrets.token_bytes(domain.SECRET_BYTES)
    await session.flush()
    await events.tell(session, "rotated", found, hand.by, now)
    return RegisteredEndpoint.model_validate(found)


async def disable(session: AsyncSession, hand: Hand, endpoint: UUID, now: datetime) -> None:
    """For its owner; what it was disabled for before stays."""
    found = await repository.get(session, hand.account, endpoint, lock=True)
    if found.disabled_at is None:
        found.disabled_at, found.disabled_reason = now, "partner"
        await session.flush()
        await events.tell(session, "disabled", found, hand.by, now)


async def endpoint(session: AsyncSession, caller: Caller, endpoint_id: UUID) -> WebhookEndpoint:
    return await repository.get(session, caller.account, endpoint_id)


async def endpoints(
    session: AsyncSession, caller: Caller, asked: Page
) -> tuple[list[WebhookEndpoint], str | None]:
    before = asked.after_uuid()
    rows = await repository.endpoints(session, caller.account, before=before, limit=asked.limit + 1)
    return cut(rows, asked, lambda row: [str(row.id)])


async def follow(session: AsyncSession, told: Sequence[Event], now: datetime) -> None:
    """Number what these events tell, and queue a delivery for each endpoint that wants it."""
    await _send(session, await feed.follow(session, told, now), now)


async def _send(session: AsyncSession, news: Sequence[News], now: datetime) -> None:
    if not news:
        return
    listening: dict[UUID, list[WebhookEndpoint]] = {}
    for found in await repository.subscribers(session, {one.partner for one in news}):
        listening.setdefault(found.partner, []).append(found)
    chunk: list[NewDelivery] = []
    for one in _wanted(news, listening):
        chunk.append(one)
        if len(chunk) == ENQUEUE_ROWS:
            await repository.enqueue(session, chunk, now)
            chunk = []
    if chunk:
        await repository.enqueue(session, chunk, now)


def _wanted(
    news: Sequence[News], listening: dict[UUID, list[WebhookEndpoint]]
) -> Iterator[NewDelivery]:
    for one in news:
        for found in listening.get(one.partner, ()):
            if domain.wants(found.events, one.type):
                yield delivery_of(found, one)


def delivery_of(endpoint: WebhookEndpoint, news: News) -> NewDelivery:
    """What an endpoint is sent of this."""
    version, number = endpoint.version, news.sequence
    body = domain.payload(version, news.type, news.time, number, news.data)
    name = domain.delivery_id(endpoint.id, news.id)
    return NewDelivery(name, endpoint.id, news.type, news.subject, body, number)


async def give_up_dead(session: AsyncSession, now: datetime) -> int:
    """Disable what has failed for days, and tell its partner; how many were told of.

    The notice is in the partner's feed, and goes to its other webhooks that ask for it.
    """
    await repository.disable_dead(session, now)
    found = await repository.unnoticed(session, limit=NOTICES_MAX)
    if found:
        told = await feed.tell(session, [_notice(one, now) for one in found], now)
        await _send(session, told, now)
        for one in found:
            one.noticed_at = now
    return len(found)


def _notice(endpoint: WebhookEndpoint, now: datetime) -> News:
    data = {
        "id": str(endpoint.id),
        "url": endpoint.url,
        "reason": endpoint.disabled_reason,
        "failures": endpoint.failures,
    }
    time = now.isoformat().replace("+00:00", "Z")
    text = feed_domain.json_of(data)
    return News(endpoint.partner, uuid4(), domain.DISABLED, f"webhook {endpoint.id}", time, text)
