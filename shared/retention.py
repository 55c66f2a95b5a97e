"""How long what is kept: one table, and the sweep that deletes a bounded number of rows at a time.

Business rows have their own rules in their slices; these are the tables that every service has.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from shared.database import Database
from shared.readiness import KEPT as KEPT_READER

ROWS: Final = 5_000
"""Of one transaction."""
BATCHES: Final = 200
"""Of one sweep; the next one goes on."""


@dataclass(frozen=True, slots=True)
class Kept:
    """`due`: which rows go, by `:before`, which is `age` ago; local tables only (`ctid`)."""

    table: str
    age: timedelta
    due: str
    why: str


FEED_KEPT: Final = timedelta(days=35)
RETENTION: Final[tuple[Kept, ...]] = (
    Kept(
        "idempotency",
        timedelta(0),
        "expires_at < :before",
        "24 hours; of money and custody 30 days",
    ),
    Kept("quarantine", timedelta(days=180), "recorded_at < :before", "half a year to look at it"),
    Kept(
        "feed_consumer",
        FEED_KEPT,
        "seen_at < :before",
        "a consumer that is gone keeps nothing any more; if it comes back it is told so (410)",
    ),
)
"""And `feed`: partitions that all consumers have passed, `FEED_KEPT` after their last event.

So long a restored database finds in its sisters' feeds what it had not consumed at that moment.
"""

# partitions are dropped up to the slowest reader (feed_trim), so what is to be kept reads along:
# it has passed a partition when the last event of that is old enough
_KEEP_FEED_SQL: Final = """
INSERT INTO feed_consumer (name, position)
SELECT :name, coalesce(max(f.position) + 1, h.floor) FROM feed_head h
LEFT JOIN LATERAL generate_series(h.floor / 1000000, h.position / 1000000) n ON true
LEFT JOIN LATERAL (
    SELECT position FROM feed WHERE position = (n + 1) * 1000000 - 1
    AND uuid_extract_timestamp(event_id) < :before
) f ON true GROUP BY h.floor
ON CONFLICT (name) DO UPDATE SET position = excluded.position, seen_at = now()
"""


async def sweep(database: Database, now: datetime) -> dict[str, int]:
    """Forget what is over, a bounded transaction at a time; how many rows went, by table."""
    gone = {kept.table: await _forget(database, kept, now) for kept in RETENTION}
    async with database.transaction() as session:
        await session.execute(
            text(_KEEP_FEED_SQL), {"name": KEPT_READER, "before": now - FEED_KEPT}
        )
    await database.hot.execute("SELECT feed_extend(), feed_trim()")
    return gone


async def _forget(database: Database, kept: Kept, now: datetime) -> int:
    statement = text(
        f"DELETE FROM {kept.table} WHERE ctid = ANY(ARRAY("
        f"SELECT ctid FROM {kept.table} WHERE {kept.due} LIMIT :rows)) RETURNING 1"
    )
    gone = 0
    for _ in range(BATCHES):
        async with database.transaction() as session:
            result = await session.execute(statement, {"before": now - kept.age, "rows": ROWS})
            rows = len(result.all())
        gone += rows
        if rows < ROWS:
            break
    return gone
