"""Use cases of deliveries: read the log, send a test, send once more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.deliveries import repository
from services.gateway.deliveries.errors import DeliveryUnderWay, TooMuchAtOnce, WebhookDisabled
from services.gateway.deliveries.schemas import (
    Attempt,
    Delivery,
    DeliveryDetail,
    Replay,
    ReplayRequest,
    Status,
)
from services.gateway.feed import repository as feed
from services.gateway.feed.domain import News, json_of
from services.gateway.webhooks import domain
from services.gateway.webhooks import repository as webhooks
from services.gateway.webhooks.domain import NewDelivery
from services.gateway.webhooks.models import WebhookDelivery, WebhookEndpoint
from services.gateway.webhooks.service import delivery_of
from shared.auth import Caller
from shared.pagination import Page, cut

REPLAY_MAX: Final = 20_000
CHUNK_ROWS: Final = 5_000


async def log(
    session: AsyncSession, caller: Caller, endpoint: UUID, status: Status | None, asked: Page
) -> tuple[list[WebhookDelivery], str | None]:
    before = asked.after_int()
    found = await webhooks.get(session, caller.account, endpoint)
    rows = await repository.listed(session, found.id, status, before=before, limit=asked.limit + 1)
    return cut(rows, asked, lambda row: [row.seq])


async def detail(
    session: AsyncSession, caller: Caller, endpoint: UUID, delivery: UUID
) -> DeliveryDetail:
    found = await webhooks.get(session, caller.account, endpoint)
    row = await repository.get(session, found.id, delivery)
    made = await repository.attempts(session, row.id)
    known = Delivery.model_validate(row).model_dump()
    return DeliveryDetail(**known, body=row.body, log=[Attempt.model_validate(one) for one in made])


async def send_test(
    session: AsyncSession, caller: Caller, endpoint: UUID, now: datetime
) -> Delivery:
    """A delivery like any other, whatever the webhook asks for; one at a time."""
    found = await _usable(session, caller, endpoint)
    subject = f"test {found.id}"
    if await repository.under_way(session, found.id, subject):
        raise DeliveryUnderWay("the test before is still to be sent; see the log")
    name = uuid4()
    time = now.isoformat().replace("+00:00", "Z")
    body = domain.payload(
        found.version, domain.TEST, time, None, json_of({"webhook": str(found.id)})
    )
    made = NewDelivery(name, found.id, domain.TEST, subject, body)
    await webhooks.enqueue(session, [made], now)
    return Delivery.model_validate(await repository.get(session, found.id, name))


async def replay_one(
    session: AsyncSession, caller: Caller, endpoint: UUID, delivery: UUID, now: datetime
) -> Delivery:
    """Send a finished delivery once more: same id, same body, a new schedule."""
    found = await _usable(session, caller, endpoint)
    row = await repository.get(session, found.id, delivery)
    if row.status in ("pending", "waiting"):
        raise DeliveryUnderWay("this delivery is still to be sent")
    await repository.again(session, found.id, [row], now)
    return Delivery.model_validate(await repository.get(session, found.id, delivery))


async def replay(
    session: AsyncSession, caller: Caller, endpoint: UUID, wanted: ReplayRequest, now: datetime
) -> Replay:
    """Send once more what the partner was told in a time, though it never came to this webhook.

    What is still to be sent is left as it is.
    """
    found = await _usable(session, caller, endpoint)
    told = await feed.told_between(
        session, found.partner, wanted.since, wanted.until, REPLAY_MAX + 1
    )
    if len(told) > REPLAY_MAX:
        raise TooMuchAtOnce(f"more than {REPLAY_MAX:,} events: choose a shorter time")
    news = [one for one in told if domain.wants(found.events, one.type)]
    queued = 0
    for n in range(0, len(news), CHUNK_ROWS):
        chunk = news[n : n + CHUNK_ROWS]
        queued += await _replay(session, found, chunk, now, only_missing=wanted.only_missing)
    return Replay(queued=queued)


async def _replay(
    session: AsyncSession,
    endpoint: WebhookEndpoint,
    news: Sequence[News],
    now: datetime,
    *,
    only_missing: bool,
) -> int:
    made = [delivery_of(endpoint, one) for one in news]
    there = await repository.known(session, [one.id for one in made])
    fresh = [one for one in made if one.id not in there]
    ended = ["dead"] if only_missing else ["dead", "delivered"]
    finished = [row for row in there.values() if row.status in ended]
    if finished:
        await repository.again(session, endpoint.id, finished, now)
    if fresh:
        await webhooks.enqueue(session, fresh, now)
    return len(finished) + len(fresh)


async def _usable(session: AsyncSession, caller: Caller, endpoint: UUID) -> WebhookEndpoint:
    """One's own, enabled; nothing else is enqueued for the partner until the commit."""
    await feed.lock(session, {caller.account})
    found = await webhooks.get(session, caller.account, endpoint)
    if found.disabled_at is not None:
        raise WebhookDisabled("take it into use first: PATCH it with `disabled: false`")
    return found
