"""Consumers: pull a sister's feed; the cursor moves in the transaction of the effect.

So effects happen exactly once, with no broker. A page that fails is retried, then event by event;
the one that keeps failing goes to `quarantine` with an alarm and the rest goes on.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import httpx
import structlog
from pydantic import BaseModel
from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import override

from shared.auth import World
from shared.client import Sister
from shared.database import Database
from shared.errors import Problem, is_passing
from shared.feed import Asked, CursorExpired, FeedSignal, acknowledge, next_page
from shared.metrics import counter
from shared.restored import read_lineage
from shared.tasks import pass_on_cancellation

log = structlog.get_logger(__name__)

Event = dict[str, Any]
Handler = Callable[[AsyncSession, Sequence[Event]], Awaitable[None]]

WAIT_S: Final = 20
PAGE_ROWS: Final = 100
TRIES: Final = 4
PAGES_KEPT: Final = 3
ABREAST_S: Final = 5.0
"""How long the first of a reader waits for its slower ones, which would read a page again."""
_NOBODY: Final = "this reader has nobody to ask"
QUARANTINED: Final = counter(
    "susa_quarantined_total", "Events that no try could consume", ("consumer",)
)


class ConsumerStoppedError(RuntimeError):
    """The feed is another one than the cursor belongs to; going on would skip or repeat events."""


class CursorMovedError(RuntimeError):
    """Another worker consumed this page first; read again from its cursor."""


_WAITS: Final = (
    httpx.HTTPError,
    OSError,
    Problem,
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    CursorMovedError,
)


@dataclass(frozen=True, slots=True)
class Consumer:
    """`name`: the cursor's key, and registered with the producer; `handle`: in one transaction.

    `forget`, of a copy that the feed alone makes: prepares it to be told everything once more.
    """

    name: str
    types: tuple[str, ...]
    handle: Handler
    forget: Callable[[AsyncSession], Awaitable[None]] | None = None


class Lineage(BaseModel):
    """A feed as it is: `restored` has each former epoch's last position that is still its own."""

    epoch: str
    head: int
    floor: int
    restored: dict[str, int]

    def common(self, epoch: str) -> int | None:
        """Up to where a former epoch's events are those of today; None: not known."""
        return self.restored.get(epoch)


@dataclass(frozen=True, slots=True)
class Resynced:
    """What an order to resync did; `gone`: events consumed here that the feed no longer has."""

    consumer: str
    epoch: str
    before: int
    position: int
    gone: int | None


class Reader:
    """A producer's feed, read and parsed once for all consumers of a process that are abreast.

    Who asks for a page that is being read, or was read lately, for another, gets that one. Events
    are shared: no handler may change one.
    """

    def __init__(self, producer: Sister | None = None) -> None:
        """`producer`: who is asked; none where it is read otherwise."""
        self._producer = producer
        self._types: dict[str, None] = {}
        self._positions: dict[str, int] = {}
        self._under_way: dict[int, asyncio.Future[dict[str, Any] | None]] = {}
        self._kept: dict[int, dict[str, Any]] = {}
        self._moved = asyncio.Event()

    def join(self, consumer: Consumer) -> None:
        self._types |= dict.fromkeys(consumer.types)

    def shares(self, consumer: Consumer) -> bool:
        """Whether it reads anything that a consumer wants."""
        return not self._types.keys().isdisjoint(consumer.types)

    async def page(self, name: str, after: int, wait_s: float) -> dict[str, Any]:
        """The page after a position, with the events of all who joined."""
        self._positions[name] = after
        self._moved.set()
        while (found := self._kept.get(after)) is None:
            if (under_way := self._under_way.get(after)) is None:
                return await self._read(name, after, wait_s)
            found = await asyncio.shield(under_way)
            if found is not None:
                break
        return found

    async def _read(self, name: str, after: int, wait_s: float) -> dict[str, Any]:
        done = self._under_way[after] = asyncio.get_running_loop().create_future()
        page = None
        try:
            await self._let_others_come(after)
            page = await self._ask(name, after, wait_s)
        finally:
            del self._under_way[after]
            done.set_result(page)  # who waits for what failed asks itself
        if page["events"]:
            self._kept[after] = page
            while len(self._kept) > PAGES_KEPT:
                del self._kept[min(self._kept)]
        return page

    async def _let_others_come(self, after: int) -> None:
        """The first waits while one needs the page that is dropped next; who is far behind, never.

        Where one consumer is slower than the rest they would each read and parse all the feed.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(ABREAST_S):
                while self._drops_what_is_needed(after):
                    self._moved.clear()
                    await self._moved.wait()

    def _drops_what_is_needed(self, after: int) -> bool:
        if len(self._kept) < PAGES_KEPT or after < max(self._kept):
            return False
        return min(self._kept) in self._positions.values()

    async def lineage(self) -> Lineage:
        """What the producer's feed is today; pages kept of what it was are dropped."""
        self._kept.clear()
        if self._producer is None:
            raise RuntimeError(_NOBODY)
        response = await self._producer.get("/internal/feed/lineage")
        response.raise_for_status()
        return Lineage.model_validate_json(response.content)

    def leave(self, name: str) -> None:
        """A consumer that stands still acknowledges nothing by the others' questions."""
        self._positions.pop(name, None)

    async def _ask(self, name: str, after: int, wait_s: float) -> dict[str, Any]:
        if self._producer is None:
            raise RuntimeError(_NOBODY)
        others = [f"{n}:{at}" for n, at in self._positions.items() if n != name]
        response = await self._producer.get(
            "/internal/feed",
            params={
                "after": after,
                "consumer": name,
                **({"beside": ",".join(others)} if others else {}),
                "types": ",".join(self._types),
                "limit": PAGE_ROWS,
                "wait": wait_s,
            },
            timeout_s=wait_s + 10,
        )
        if response.status_code == 410:
            raise ConsumerStoppedError(response.text)
        response.raise_for_status()
        page: dict[str, Any] = from_json(response.content, cache_strings="keys")
        return page


class OwnReader(Reader):
    """A service's own feed, out of its own database: a service cannot be asked by itself.

    The gateway's front forwards nothing that is internal, not to itself either.
    """

    def __init__(self, database: Database, signal: FeedSignal, service: str) -> None:
        super().__init__()
        self._database = database
        self._signal = signal
        self._source = f"/{service}"

    @override
    async def _ask(self, name: str, after: int, wait_s: float) -> dict[str, Any]:
        positions = ",".join(f"{n}:{at}" for n, at in self._positions.items())
        await acknowledge(self._database, positions)
        asked = Asked(self._source, after, list(self._types), PAGE_ROWS)
        try:
            body = await next_page(self._database, self._signal, asked, wait_s)
        except CursorExpired as error:
            raise ConsumerStoppedError(error.detail) from error
        page: dict[str, Any] = from_json(body, cache_strings="keys")
        return page

    @override
    async def lineage(self) -> Lineage:
        self._kept.clear()
        async with self._database.hot.acquire() as connection:
            known = await read_lineage(connection)
        return Lineage(
            epoch=known.epoch, head=known.head, floor=known.floor, restored=dict(known.restored)
        )


Readers = dict[tuple[str, World], list[Reader]]
"""By producer and world: whoever shares this, shares the readers."""


class Runner:
    """Runs one consumer against one producer, in one world, until cancelled."""

    def __init__(self, consumer: Consumer, database: Database, reader: Reader | Sister) -> None:
        """`reader`: one that others share, or the producer, which it then reads alone."""
        self._consumer = consumer
        self._types = frozenset(consumer.types)
        self._database = database
        self._reader = reader if isinstance(reader, Reader) else Reader(reader)
        self._reader.join(consumer)
        self.position = 0
        self.head = 0
        self.stopped: str | None = None
        self.world: World = "live"
        self._last_error = ""
        self._at: tuple[str | None, int] | None = None

    async def run(self) -> None:
        """Until cancelled or stopped; run again, it looks whether it was helped."""
        self.stopped = None
        failures = 0
        while self.stopped is None:
            try:
                await self.step(wait_s=WAIT_S)
                failures = 0
            except ConsumerStoppedError as error:
                self.stopped = str(error)
                self._reader.leave(self._consumer.name)
                log.critical("consumer_stopped", consumer=self._consumer.name, reason=str(error))
            except _WAITS as error:
                pass_on_cancellation()
                failures = min(failures + 1, 6)
                log.warning("consumer_waits", consumer=self._consumer.name, error=str(error)[:300])
                await asyncio.sleep(min(0.1 * 2**failures, 5))

    @property
    def name(self) -> str:
        return self._consumer.name

    @property
    def database(self) -> Database:
        return self._database

    async def step(self, *, wait_s: float = 0) -> int:
        """Consume one page; how many positions the cursor moved."""
        if self._at is None:
            self._at = await self._cursor()
        epoch, after = self._at
        self._at = None  # read again after whatever goes wrong below
        page = await self._reader.page(self._consumer.name, after, wait_s)
        self.head = page["head"]
        if epoch is not None and page["epoch"] != epoch:
            await self._take_up(epoch, after)
            return 0
        if after > page["head"]:
            raise ConsumerStoppedError(f"cursor {after} is ahead of the head {page['head']}")
        if page["upto"] != after or epoch is None:
            await self._consume(page, after)
        self.position = page["upto"]
        self._at = (page["epoch"], page["upto"])
        return int(page["upto"] - after)

    async def _cursor(self) -> tuple[str | None, int]:
        async with self._database.transaction() as session:
            found = await session.execute(
                text("SELECT epoch, position FROM feed_cursor WHERE consumer = :name"),
                {"name": self._consumer.name},
            )
            row = found.one_or_none()
        if row is None:
            return None, 0
        return (str(row.epoch) if row.epoch else None), row.position

    async def _take_up(self, epoch: str, after: int) -> None:
        """Go on in the feed of a producer that was restored, where that skips and repeats nothing.

        What it had consumed is in the restored feed too: then from where it was. What is gone from
        the feed had its effect: then only a copy that can be made anew goes on by itself.
        """
        lineage = await self._reader.lineage()
        common = lineage.common(epoch)
        name = self._consumer.name
        if common is None or (after > common and not self._can_be_told_again(lineage)):
            gone = "an unknown number" if common is None else after - common
            raise ConsumerStoppedError(
                f"the feed's epoch is {lineage.epoch}, the cursor's {epoch}: the producer was "
                f"restored, and {gone} of the events consumed here are gone from its feed; "
                f"see what they did, then `susa resync {name}`"
            )
        again = after > common
        log.warning("consumer_resynced", consumer=name, epoch=lineage.epoch, told_again=again)
        await self._set_cursor(lineage.epoch, after, 0 if again else after, forget=again)

    def _can_be_told_again(self, lineage: Lineage) -> bool:
        return self._consumer.forget is not None and lineage.floor == 0

    async def resync(self, *, start: bool = False) -> Resynced:
        """By an operator's order: go on after the last event that both feeds have.

        `start`: from the feed's first event, for effects that may be repeated. LookupError where
        no common part is known and the start was not asked for.
        """
        epoch, after = await self._cursor()
        lineage = await self._reader.lineage()
        same = epoch in {None, lineage.epoch}
        common = lineage.head if same else lineage.common(epoch or "")
        if common is None and not start:
            raise LookupError(
                f"nothing is known of the epoch {epoch}; --from-start reads all that there is"
            )
        target = lineage.floor if start else min(after, common or 0)
        again = start or (common is not None and after > common and lineage.floor == 0)
        forget = again and self._consumer.forget is not None
        target = lineage.floor if forget else target
        await self._set_cursor(lineage.epoch, after, target, forget=forget)
        self._at = None
        gone = None if common is None else max(after - common, 0)
        return Resynced(self._consumer.name, lineage.epoch, after, target, gone)

    async def _set_cursor(self, epoch: str, after: int, target: int, *, forget: bool) -> None:
        async with self._database.transaction() as session:
            await self._move_cursor(session, epoch, after, target)
            if forget and self._consumer.forget is not None:
                await self._consumer.forget(session)

    async def _consume(self, page: dict[str, Any], after: int) -> None:
        events = [event for event in page["events"] if event["type"] in self._types]
        if await self._try(page, events, after, page["upto"]):
            return
        for event in events:  # one by one, to find the one that fails
            if not await self._try(page, [event], after, event["position"], tries=TRIES):
                await self._quarantine(page, event, after)
            after = event["position"]
        await self._advance(page["epoch"], after, page["upto"])

    async def _try(
        self, page: dict[str, Any], events: Sequence[Event], after: int, upto: int, tries: int = 1
    ) -> bool:
        for attempt in range(tries):
            try:
                async with self._database.transaction() as session:
                    await self._move_cursor(session, page["epoch"], after, upto)
                    if events:
                        await self._consumer.handle(session, events)
            except CursorMovedError:
                raise
            except Exception as error:
                pass_on_cancellation()
                if is_passing(error):  # not the event's fault: wait, never quarantine
                    raise
                log.exception("consumer_failed", consumer=self._consumer.name, attempt=attempt)
                self._last_error = repr(error)[:2000]
                await asyncio.sleep(0.05 * attempt)
            else:
                return True
        return False

    async def _quarantine(self, page: dict[str, Any], event: Event, after: int) -> None:
        QUARANTINED.labels(self._consumer.name).inc()
        log.critical("event_quarantined", consumer=self._consumer.name, position=event["position"])
        async with self._database.transaction() as session:
            await self._move_cursor(session, page["epoch"], after, event["position"])
            await session.execute(
                text(
                    "INSERT INTO quarantine (consumer, epoch, position, event, error)"
                    " VALUES (:consumer, :epoch, :position, CAST(:event AS json), :error)"
                ),
                {
                    "consumer": self._consumer.name,
                    "epoch": page["epoch"],
                    "position": event["position"],
                    "event": json.dumps(event, ensure_ascii=False),
                    "error": self._last_error,
                },
            )

    async def _advance(self, epoch: str, after: int, upto: int) -> None:
        async with self._database.transaction() as session:
            await self._move_cursor(session, epoch, after, upto)

    async def _move_cursor(self, session: AsyncSession, epoch: str, after: int, upto: int) -> None:
        """Move the cursor in the effect's transaction; the row lock keeps a second worker out."""
        moved = await session.execute(
            text(
                "INSERT INTO feed_cursor AS c (consumer, epoch, position)"
                " VALUES (:name, :epoch, :upto) ON CONFLICT (consumer) DO UPDATE"
                " SET epoch = excluded.epoch, position = excluded.position"
                " WHERE c.position = :after RETURNING 1"
            ),
            {"name": self._consumer.name, "epoch": epoch, "after": after, "upto": upto},
        )
        if moved.scalar() is None:
            raise CursorMovedError(
                f"{self._consumer.name} was moved from {after} by another worker"
            )
