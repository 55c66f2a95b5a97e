"""Events out: a row in the business transaction, moved by one relay into the gap-free feed.

Write the row *after* the item's row lock: then the order of ids is the commit order per item.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import CONNECT_TIMEOUT_S, Database
from shared.tasks import pass_on_cancellation

log = structlog.get_logger(__name__)

CHANNEL: Final = "susa_feed"
RELAY_ROWS: Final = 200
GATHER_S: Final = 0.04
"""Between pages that were not full: few larger pages cost writers and consumers least."""
IDLE_MAX_S: Final = 0.2
RELAY_LOCK: Final = 0x5053_0001

APPEND_SQL: Final = "INSERT INTO outbox (type, subject, time, data) VALUES ($1, $2, $3, $4)"

_MOVE_SQL: Final = """
WITH taken AS (
    DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1)
    RETURNING id, event_id, type, subject, time, data
), total AS (
    SELECT count(*) AS rows FROM taken
), head AS (
    UPDATE feed_head SET position = position + total.rows FROM total WHERE total.rows > 0
    RETURNING feed_head.position - total.rows AS before
), moved AS (
    INSERT INTO feed (position, event_id, type, subject, time, data)
    SELECT head.before + row_number() OVER (ORDER BY taken.id),
           event_id, type, subject, time, data
    FROM taken, head RETURNING position
)
SELECT count(*) AS rows, max(position) AS head FROM moved
"""


async def append(
    session: AsyncSession,
    event_type: str,
    data: Mapping[str, Any],
    *,
    time: datetime,
    subject: str | None = None,
) -> None:
    """Add an event to the caller's transaction; it is published when that commits."""
    await session.execute(
        text(
            "INSERT INTO outbox (type, subject, time, data)"
            " VALUES (:type, :subject, :time, CAST(:data AS json))"
        ),
        {"type": event_type, "subject": subject, "time": time, "data": json.dumps(data)},
    )


class Relay:
    """Moves committed outbox rows to the feed. One at a time per database (advisory lock)."""

    def __init__(self, database: Database, *, rows: int = RELAY_ROWS) -> None:
        self._database = database
        self._rows = rows

    async def run(self) -> None:
        """Until cancelled. A lost connection is taken up again, another's lock waited for."""
        while True:
            try:
                connection = await asyncpg.connect(self._database.dsn, timeout=CONNECT_TIMEOUT_S)
            except (OSError, asyncpg.PostgresError, TimeoutError) as error:
                log.warning("relay_cannot_connect", error=str(error))
                await asyncio.sleep(1)
                continue
            try:
                await self._pump(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                pass_on_cancellation()
                log.warning("relay_interrupted", error=str(error))
                await asyncio.sleep(0.5)
            finally:
                connection.terminate()

    async def _pump(self, connection: asyncpg.Connection) -> None:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", RELAY_LOCK):  # noqa: ASYNC110 - another process holds it
            await asyncio.sleep(1)
        idle_s = GATHER_S
        while True:
            moved = await self.move(connection)
            if moved == self._rows:
                continue
            idle_s = GATHER_S if moved else min(idle_s * 1.5, IDLE_MAX_S)
            await asyncio.sleep(idle_s)

    async def move(self, connection: asyncpg.Connection) -> int:
        """Publish up to one page of committed rows; how many there were."""
        async with connection.transaction():
            try:
                async with connection.transaction():
                    row = await connection.fetchrow(_MOVE_SQL, self._rows)
            except asyncpg.CheckViolationError:  # no partition for the next position yet
                await connection.execute("SELECT feed_extend()")
                row = await connection.fetchrow(_MOVE_SQL, self._rows)
            if row["rows"]:
                # a hint, coalesced to one a page: NOTIFY takes a global lock at commit
                await connection.execute(f"NOTIFY {CHANNEL}")
        return int(row["rows"])
