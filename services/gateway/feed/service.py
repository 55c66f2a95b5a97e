"""Use cases of the partners' feeds: number what is told, read on, trim."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.config import settings_of
from services.gateway.events import TOLD, partner_of, told
from services.gateway.feed import domain, repository
from services.gateway.feed.domain import FeedPage, News
from services.gateway.feed.errors import AheadOfFeed, EventsTrimmed, FeedRestarted
from shared.auth import Caller, World
from shared.consumer import Event
from shared.feed import signal_of, stopping
from shared.patience import PATIENCE
from shared.runtime import Runtime

CHUNK_ROWS: Final = 5_000
DEADLINE_SHARE: Final = 0.8
"""Of a request's deadline, what may pass in waiting for news."""
WAITERS_MAX: Final = 8
"""Of one partner in one process: each looks again with everybody's news."""
_waiters: Final = Counter[tuple[World, str]]()


async def follow(session: AsyncSession, events: Sequence[Event], now: datetime) -> list[News]:
    """What partners are told by these events, numbered; without what had been numbered before.

    In the feed's order, which is each subject's own. Backfilled items are not told.
    """
    await _mark_active(session, events)
    news = list({(one.partner, one.id): one for one in _news(events)}.values())
    numbered: list[News] = []
    if len(news) > CHUNK_ROWS:  # one chunk locks in one order; several must not lock in turns
        await repository.lock(session, {one.partner for one in news})
    for n in range(0, len(news), CHUNK_ROWS):
        numbered += await repository.append(session, news[n : n + CHUNK_ROWS], now)
    return numbered


def _news(events: Sequence[Event]) -> Iterable[News]:
    partners: dict[str, UUID | None] = {}
    for event in events:
        model, event_id = TOLD[event["type"]], UUID(event["id"])
        for raw in told(event):
            name = partner_of(raw)
            if name not in partners:
                partners[name] = _uuid(name)
            partner = partners[name]
            if partner is None or raw.get("backfill"):
                continue
            item = model.model_validate(raw)
            subject = item.subject()
            yield News(
                partner,
                domain.news_id(event_id, subject, item.occurrence()),
                event["type"],
                subject,
                event["time"],
                item.public(),
            )


async def _mark_active(session: AsyncSession, events: Sequence[Event]) -> None:
    """Backfilled bookings count as well: reports are of what was, whenever it was recorded."""
    booked = {
        (domain.month_of(datetime.fromisoformat(raw["booked_at"])), partner)
        for event in events
        if event["type"] == "parcel.booked"
        for raw in told(event)
        if raw.get("booked_at") and (partner := _uuid(partner_of(raw))) is not None
    }
    if booked:
        await repository.mark_active(session, booked)


def _uuid(text: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(text)
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """`epoch`: the feed that `after` is a number of, if the reader says so."""

    after: int
    limit: int
    wait_s: float
    epoch: str | None


async def read(runtime: Runtime, caller: Caller, asked: Asked) -> bytes:
    """The page after a number; without one, what comes in time. No connection is held meanwhile.

    A wait ends well before the deadline that the gateway sets to every request.
    """
    with _waiting(caller, asked.wait_s) as wait_s:
        longest_s = settings_of(runtime).deadline_s * PATIENCE * DEADLINE_SHARE
        return await _read(runtime, caller, asked, min(wait_s, longest_s))


@contextmanager
def _waiting(caller: Caller, wait_s: float) -> Iterator[float]:
    """How long a request may wait: a partner with too many that wait gets its answer at once."""
    who = (caller.world, caller.id)
    if wait_s == 0 or _waiters[who] >= WAITERS_MAX:
        yield 0
        return
    _waiters[who] += 1
    try:
        yield wait_s
    finally:
        _waiters[who] -= 1
        if not _waiters[who]:
            del _waiters[who]


async def _read(runtime: Runtime, caller: Caller, asked: Asked, wait_s: float) -> bytes:
    database = runtime.databases[caller.world]
    signal = signal_of(runtime.feed_signals, caller.world, database)
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_s
    while True:
        page = await repository.page(database.hot, caller.account, asked.after, asked.limit)
        _check(page, asked)
        left = until - loop.time()
        if page.news or left <= 0 or stopping():
            return page.body(asked.after)
        await signal.wait(left)


def _check(page: FeedPage, asked: Asked) -> None:
    onward = {"Link": f'</v1/events?after={page.floor}>; rel="next"'}
    if asked.epoch is not None and asked.epoch != page.epoch:
        raise FeedRestarted(
            f"the epoch is {page.epoch} since a restore: compare your parcels with GET /v1/parcels,"
            f" then read on from after={page.floor}",
            headers=onward,
        )
    if asked.after < page.floor:
        raise EventsTrimmed(
            f"events up to {page.floor} are gone: compare your parcels with GET /v1/parcels, then"
            f" go on with after={page.floor}",
            headers=onward,
        )
    if asked.after > page.head:
        raise AheadOfFeed(f"your newest event has the number {page.head}: send no larger `after`")


async def tell(session: AsyncSession, news: Sequence[News], now: datetime) -> list[News]:
    """News of the gateway's own."""
    return await repository.append(session, news, now)
