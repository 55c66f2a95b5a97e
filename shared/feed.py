"""The ordered feed: what a producer serves at `GET /internal/feed`, as CloudEvents 1.0 (JSON).

Positions are gap-free. A page names the range it covers, `(after, upto]`, so a consumer that asks
for some types only still advances past the rest. `epoch` changes when a database is restored.
"""

import asyncio
import contextlib
import json
import threading
from dataclasses import dataclass
from typing import Annotated, Any, Final

import asyncpg
import structlog
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from shared.database import CONNECT_TIMEOUT_S, Database
from shared.errors import Gone, responses
from shared.outbox import CHANNEL
from shared.restored import read_lineage

log = structlog.get_logger(__name__)

PAGE_BYTES: Final = 4_000_000
WAIT_MAX_S: Final = 25.0
POLL_S: Final = 1.0

_stopping: Final = threading.Event()

_PAGE_SQL: Final = """
SELECT position, event_id, type, subject, time, data::text AS data, found FROM (
    SELECT *, sum(octet_length(data::text)) OVER (ORDER BY position) AS bytes,
           row_number() OVER (ORDER BY position) AS nth, count(*) OVER () AS found
    FROM (SELECT * FROM feed WHERE position > $1 AND position <= $4
          AND ($2::text[] IS NULL OR type = ANY($2)) ORDER BY position LIMIT $3) AS page
) AS sized WHERE bytes <= $5 OR nth = 1 ORDER BY position
"""


class CursorExpired(Gone):
    code, title = "cursor_expired", "The feed no longer has these events"


def end_waits() -> None:
    """From a signal handler: this process stops, so no reader is kept waiting for news."""
    _stopping.set()


class LineageBody(BaseModel):
    """`restored`: each former epoch, with the last position that is the same today."""

    epoch: str
    head: int
    floor: int
    restored: dict[str, int]


def stopping() -> bool:
    """Whether this process is about to stop, so that nobody should begin to wait."""
    return _stopping.is_set()


class FeedSignal:
    """Wakes waiting readers when the relay says so; one LISTEN connection a process, on demand."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: asyncpg.Connection | None = None
        self._changed = asyncio.Event()
        self._opening = asyncio.Lock()

    async def wait(self, timeout_s: float) -> None:
        """Until a hint or the time-out; a lost connection only makes this a slow poll."""
        try:
            await self._listen()
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            log.warning("feed_signal_lost", error=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), min(timeout_s, POLL_S))

    async def _listen(self) -> None:
        async with self._opening:
            if self._connection is not None and not self._connection.is_closed():
                return
            self._connection = await asyncpg.connect(self._dsn, timeout=CONNECT_TIMEOUT_S)
            await self._connection.add_listener(CHANNEL, self._on_notify)

    def _on_notify(self, *_: object) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.terminate()


def envelope(source: str, row: asyncpg.Record) -> str:
    """A CloudEvents 1.0 JSON object; `data` is passed through as the text that was stored."""
    head = {
        "specversion": "1.0",
        "id": str(row["event_id"]),
        "source": source,
        "type": row["type"],
        "time": row["time"].isoformat().replace("+00:00", "Z"),
        "position": row["position"],
    }
    if row["subject"] is not None:
        head["subject"] = row["subject"]
    data: str = row["data"]
    return json.dumps(head, ensure_ascii=False)[:-1] + ', "data": ' + data + "}"


async def read_page(
    database: Database, source: str, *, after: int, types: list[str] | None, limit: int
) -> tuple[bytes, int]:
    """One page as JSON bytes, and how many events it has."""
    async with database.hot.acquire() as connection:
        head = await connection.fetchrow("SELECT epoch, position, floor FROM feed_head")
        if after < head["floor"]:
            raise CursorExpired(
                f"events up to {head['floor']} are gone; take a fresh copy of the state, "
                f"then read on from {head['position']}"
            )
        rows = await connection.fetch(_PAGE_SQL, after, types, limit, head["position"], PAGE_BYTES)
    full = len(rows) == limit or (len(rows) > 0 and len(rows) < rows[0]["found"])
    upto = rows[-1]["position"] if full else max(after, head["position"])
    events = ",".join(envelope(source, row) for row in rows)
    start = f'{{"epoch":"{head["epoch"]}","after":{after},"upto":{upto},"head":{head["position"]},'
    return (start + f'"events":[{events}]}}').encode(), len(rows)


_BESIDE: Final = r"^([a-z._]{1,100}:[0-9]{1,18}(,|$))*$"
_ACK_SQL: Final = """
INSERT INTO feed_consumer (name, position) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET position = excluded.position, seen_at = now()
"""


def router(service: str) -> APIRouter:
    """`GET /internal/feed` of a service; for the scope `internal` only, never forwarded.

    `after` and `beside` say what was consumed: up to there the feed may be trimmed.
    """
    api = APIRouter(tags=["internal"])

    @api.get("/internal/feed", responses=responses(401, 403, 410, 422))
    async def feed(
        request: Request,
        after: Annotated[int, Query(ge=0, lt=2**63)],
        consumer: Annotated[str, Query(max_length=100, pattern=r"^[a-z._]+$")],
        beside: Annotated[str, Query(max_length=2000, pattern=_BESIDE)] = "",
        types: Annotated[str | None, Query(max_length=8000, pattern=r"^[a-z._,]+$")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        wait: Annotated[float, Query(ge=0, le=WAIT_MAX_S)] = 0,
    ) -> Response:
        caller = request.app.state.verifier.caller(request.headers.get("authorization"))
        caller.require("internal")
        database: Database = request.app.state.databases[caller.world]
        wanted = types.split(",") if types else None
        await acknowledge(database, f"{consumer}:{after},{beside}")
        signal = signal_of(request.app.state.feed_signals, caller.world, database)
        asked = Asked(f"/{service}", after, wanted, limit)
        return Response(
            await next_page(database, signal, asked, wait), media_type="application/json"
        )

    @api.get("/internal/feed/lineage", responses=responses(401, 403))
    async def lineage(request: Request) -> LineageBody:
        """What the feed is, and what it was before its database was restored."""
        caller = request.app.state.verifier.caller(request.headers.get("authorization"))
        caller.require("internal")
        database: Database = request.app.state.databases[caller.world]
        async with database.hot.acquire() as connection:
            known = await read_lineage(connection)
        return LineageBody(
            epoch=known.epoch, head=known.head, floor=known.floor, restored=dict(known.restored)
        )

    return api


async def acknowledge(database: Database, positions: str) -> None:
    """Of `name:position,…`: up to there the feed may be trimmed."""
    await database.hot.executemany(_ACK_SQL, _acknowledged(positions))


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page is wanted."""

    source: str
    after: int
    types: list[str] | None
    limit: int


async def next_page(database: Database, signal: FeedSignal, asked: Asked, wait_s: float) -> bytes:
    """A page as soon as it has an event, or after so long; no connection is held meanwhile."""
    deadline = asyncio.get_running_loop().time() + wait_s
    while True:
        body, count = await read_page(
            database, asked.source, after=asked.after, types=asked.types, limit=asked.limit
        )
        left = deadline - asyncio.get_running_loop().time()
        if count or left <= 0 or stopping():
            return body
        await signal.wait(left)


def _acknowledged(positions: str) -> list[tuple[str, int]]:
    """Of `name:position,…`, in one order for all who write them at once."""
    found = (one.split(":") for one in positions.split(",") if one)
    return sorted((name, int(position)) for name, position in found)


def signal_of(signals: dict[str, FeedSignal], world: str, database: Database) -> FeedSignal:
    """The one signal of a world in this process; made on first use."""
    return signals.setdefault(world, FeedSignal(database.dsn))


def event_items(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a batch event (`data.items`)."""
    items: list[dict[str, Any]] = event["data"]["items"]
    return items
