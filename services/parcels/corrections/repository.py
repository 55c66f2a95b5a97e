"""SQL of corrections. An item's row is locked before anything here is read or written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.corrections.models import EventDeclaration, FlaggedRuling
from services.parcels.scanning.models import UnmatchedScan

_EVENT_SQL: Final = """
SELECT event_id, event, office, flagged, occurred_at,
    least(occurred_at, recorded_at + interval '5 min') AS effective_at
FROM scan_event WHERE item_id = $1 AND event_id = $2
"""

_EVENTS = text("""
SELECT event_id, event, office, occurred_at, recorded_at, device, flagged FROM scan_event
WHERE item_id = :item_id
ORDER BY least(occurred_at, recorded_at + interval '5 min'), event, event_id
""")

_WAITING_SQL: Final = """
SELECT w.id, w.item_id, w.scan::text AS scan, w.recorded_at, p.backfill
FROM unmatched_scan w JOIN parcel p ON p.item_id = w.item_id
WHERE w.matched_at IS NULL AND w.item_id IS NOT NULL AND w.recorded_at > $1
ORDER BY w.recorded_at, w.id LIMIT $2
"""


async def event(
    connection: asyncpg.Connection, item_id: int, event_id: UUID
) -> asyncpg.Record | None:
    return await connection.fetchrow(_EVENT_SQL, item_id, event_id)


async def mark(
    connection: asyncpg.Connection, item_id: int, event_id: UUID, *, flagged: bool
) -> None:
    """Let an event count no longer, or after all: the only column of it that ever changes."""
    await connection.execute(
        "UPDATE scan_event SET flagged = $3 WHERE item_id = $1 AND event_id = $2",
        item_id,
        event_id,
        flagged,
    )


async def declaration(
    session: AsyncSession, item_id: int, event_id: UUID
) -> EventDeclaration | None:
    return await session.get(EventDeclaration, (item_id, event_id))


async def ruling(session: AsyncSession, item_id: int, event_id: UUID) -> FlaggedRuling | None:
    return await session.get(FlaggedRuling, (item_id, event_id))


async def counting(
    connection: asyncpg.Connection, item_id: int, events: Sequence[UUID]
) -> set[UUID]:
    """Which of these are events of the item that count."""
    rows = await connection.fetch(
        "SELECT event_id FROM scan_event WHERE item_id = $1 AND event_id = ANY($2) AND NOT flagged",
        item_id,
        events,
    )
    return {row["event_id"] for row in rows}


async def newest(connection: asyncpg.Connection, item_id: int, event: int) -> UUID | None:
    """The last event of a kind that counts."""
    found: UUID | None = await connection.fetchval(
        "SELECT event_id FROM scan_event WHERE item_id = $1 AND event = $2 AND NOT flagged"
        " ORDER BY occurred_at DESC LIMIT 1",
        item_id,
        event,
    )
    return found


async def recorded(session: AsyncSession, item_id: int) -> Sequence[Row[Any]]:
    """Every event of an item, in the order of the fold; those that do not count too."""
    return (await session.execute(_EVENTS, {"item_id": item_id})).all()


async def decisions(
    session: AsyncSession, item_id: int
) -> tuple[dict[UUID, EventDeclaration], dict[UUID, FlaggedRuling]]:
    """By event."""
    declared = select(EventDeclaration).where(EventDeclaration.item_id == item_id)
    ruled = select(FlaggedRuling).where(FlaggedRuling.item_id == item_id)
    return (
        {row.event_id: row for row in await session.scalars(declared)},
        {row.event_id: row for row in await session.scalars(ruled)},
    )


async def exists(session: AsyncSession, item_id: int) -> bool:
    found = await session.execute(
        text("SELECT 1 FROM parcel WHERE item_id = :item_id"), {"item_id": item_id}
    )
    return found.one_or_none() is not None


async def unmatched(
    session: AsyncSession, *, before: int | None, limit: int
) -> Sequence[UnmatchedScan]:
    """Newest first."""
    query = select(UnmatchedScan).order_by(UnmatchedScan.id.desc()).limit(limit)
    if before is not None:
        query = query.where(UnmatchedScan.id < before)
    return (await session.scalars(query)).all()


async def waiting(
    connection: asyncpg.Connection, since: datetime, limit: int
) -> list[asyncpg.Record]:
    """Scans kept unmatched since then whose items are booked by now."""
    rows: list[asyncpg.Record] = await connection.fetch(_WAITING_SQL, since, limit)
    return rows


async def take(connection: asyncpg.Connection, ids: Sequence[int], now: datetime) -> set[int]:
    """Those of these that no other worker took; their items are locked."""
    rows = await connection.fetch(
        "UPDATE unmatched_scan SET matched_at = $2 WHERE id = ANY($1) AND matched_at IS NULL"
        " RETURNING id",
        ids,
        now,
    )
    return {row["id"] for row in rows}
