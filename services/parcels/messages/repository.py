"""SQL of messages."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.messages.domain import LEASE
from services.parcels.messages.models import Message, MessageTemplate, QuietHours
from shared.database import driver

# land lines of the country take no text messages
_QUEUE: Final = """
INSERT INTO message (item_id, kind, event_id, occurred_at, status, due_at, attempts, queued_at)
SELECT f.item_id, f.kind, f.event_id, f.occurred_at, 'queued', f.due_at, 0, $6
FROM unnest($1::bigint[], $2::text[], $3::uuid[], $4::timestamptz[], $5::timestamptz[])
    AS f (item_id, kind, event_id, occurred_at, due_at)
JOIN parcel_party p USING (item_id)
WHERE p.recipient_phone ~ '^\\+989|^\\+(?!98)'
ON CONFLICT DO NOTHING
"""

# a crash between sending and writing that down sends again, under the same reference
_CLAIM = text("""
UPDATE message m SET attempts = m.attempts + 1, due_at = :until
FROM (
    SELECT item_id, kind, event_id FROM message
    WHERE status = 'queued' AND due_at <= :now ORDER BY due_at LIMIT :limit
    FOR UPDATE SKIP LOCKED
) due
WHERE (m.item_id, m.kind, m.event_id) = (due.item_id, due.kind, due.event_id)
RETURNING m.item_id, m.kind, m.event_id, m.occurred_at, m.attempts
""")
_ABOUT = text("""
SELECT p.item_id, p.status, p.custodian_id, party.recipient_phone, h.until, h.office
FROM parcel p LEFT JOIN parcel_party party USING (item_id) LEFT JOIN holding h USING (item_id)
WHERE p.item_id = ANY(:items)
""")
_SETTLE = text("""
UPDATE message SET status = :status,
    settled_at = CASE WHEN :status <> 'queued' THEN CAST(:now AS timestamptz) END,
    due_at = :due_at, provider_id = :provider_id, reason = :reason
WHERE item_id = :item_id AND kind = :kind AND event_id = :event_id AND status = 'queued'
    AND attempts = :attempts
""")


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be told of an item, and when."""

    item_id: int
    kind: str
    event_id: uuid.UUID
    occurred_at: datetime
    due_at: datetime


async def queue(session: AsyncSession, found: Sequence[Telling], now: datetime) -> None:
    """Each once, however often its event is consumed."""
    rows = [(f.item_id, f.kind, f.event_id, f.occurred_at, f.due_at) for f in found]
    columns = [list(column) for column in zip(*rows, strict=True)]
    await (await driver(session)).execute(_QUEUE, *columns, now)


async def claim(session: AsyncSession, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Take what is due for a while; nobody else gets it meanwhile."""
    found = await session.execute(_CLAIM, {"now": now, "until": now + LEASE, "limit": limit})
    return found.all()


async def about(session: AsyncSession, items: Collection[int]) -> dict[int, Row[Any]]:
    rows = await session.execute(_ABOUT, {"items": list(items)})
    return {row.item_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`queued` again with a later `due_at`, or settled."""

    status: str
    due_at: datetime
    provider_id: str | None = None
    reason: str | None = None


async def settle(session: AsyncSession, taken: Row[Any], outcome: Outcome, now: datetime) -> None:
    """Only by whoever sent last: a lease that ran out gives way."""
    await session.execute(
        _SETTLE,
        {
            "item_id": taken.item_id,
            "kind": taken.kind,
            "event_id": taken.event_id,
            "attempts": taken.attempts,
            "status": outcome.status,
            "due_at": outcome.due_at,
            "provider_id": outcome.provider_id,
            "reason": outcome.reason,
            "now": now,
        },
    )


async def of_item(session: AsyncSession, item_id: int) -> Sequence[Message]:
    query = select(Message).where(Message.item_id == item_id)
    return (await session.scalars(query.order_by(Message.queued_at, Message.kind))).all()


async def templates(session: AsyncSession) -> Sequence[MessageTemplate]:
    query = select(MessageTemplate).order_by(MessageTemplate.kind, MessageTemplate.language)
    return (await session.scalars(query)).all()


async def template(session: AsyncSession, kind: str, language: str) -> MessageTemplate | None:
    query = select(MessageTemplate).where(
        MessageTemplate.kind == kind, MessageTemplate.language == language
    )
    return (await session.scalars(query.with_for_update())).one_or_none()


async def quiet_hours(session: AsyncSession, *, lock: bool = False) -> QuietHours:
    query = select(QuietHours)
    return (await session.scalars(query.with_for_update() if lock else query)).one()
