"""SQL of discrepancies."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.discrepancies.domain import FOLDED, Misfit
from services.parcels.discrepancies.models import Discrepancy
from services.parcels.vocabulary import Custodian

_WITH_OFFICE: Final = f"({int(Custodian.OFFICE)}, {int(Custodian.TRIP)}, {int(Custodian.COURIER)})"
"""Custodians that an office answers for."""
_SHOWN: Final = (
    "d.id, d.item_id, d.event_id, d.kind, d.recorded_at, d.office, d.owner, d.last_custodian,"
    " d.last_custodian_id, d.closed_at, d.closed_by, d.closing_event, d.reason"
)

# Who is not named as the last custodian is the one that the item's row names. What an event had
# settled may come up again by a later one; a late one may show that somebody else had the item.
_DISCREPANCY_SQL: Final = f"""
INSERT INTO discrepancy AS d (item_id, event_id, kind, recorded_at, office, last_custodian,
    last_custodian_id, owner)
SELECT item_id, event_id, kind, $7, office, holder, holder_id,
    coalesce(CASE WHEN holder IN {_WITH_OFFICE} THEN holder_id END, office, origin_office)
FROM (
    SELECT DISTINCT ON (s.item_id, s.event_id, s.kind) s.item_id, s.event_id, s.kind,
        coalesce(s.office, e.office) AS office, coalesce(s.holder, p.custodian) AS holder,
        CASE WHEN s.holder IS NULL THEN p.custodian_id ELSE s.holder_id END AS holder_id,
        p.origin_office
    FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::int[], $5::smallint[], $6::bigint[])
        AS s (item_id, event_id, kind, office, holder, holder_id)
    JOIN parcel p ON p.item_id = s.item_id
    LEFT JOIN scan_event e ON e.item_id = s.item_id AND e.event_id = s.event_id
    ORDER BY s.item_id, s.event_id, s.kind
) AS noted
ON CONFLICT (item_id, event_id, kind) DO UPDATE
    SET closed_at = NULL, closed_by = NULL, closing_event = NULL,
        last_custodian = excluded.last_custodian, last_custodian_id = excluded.last_custodian_id
    WHERE d.closed_by = 'event' OR (d.closed_at IS NULL
        AND (d.last_custodian, d.last_custodian_id)
            IS DISTINCT FROM (excluded.last_custodian, excluded.last_custodian_id))
RETURNING {_SHOWN}
"""

_SETTLE_SQL: Final = f"""
UPDATE discrepancy AS d SET closed_at = $6, closed_by = 'event', closing_event = c.event_id
FROM unnest($1::bigint[], $2::uuid[]) AS c (item_id, event_id)
WHERE d.item_id = c.item_id AND d.closed_at IS NULL
    AND d.kind IN ({", ".join(f"'{kind}'" for kind in FOLDED)})
    AND NOT EXISTS (SELECT FROM unnest($3::bigint[], $4::uuid[], $5::text[])
        AS s (item_id, event_id, kind)
        WHERE s.item_id = d.item_id AND s.event_id = d.event_id AND s.kind = d.kind)
RETURNING {_SHOWN}
"""


async def note(
    connection: asyncpg.Connection, found: Sequence[Misfit], now: datetime
) -> list[asyncpg.Record]:
    """Those that were not open before."""
    columns = (list(column) for column in zip(*found, strict=True))
    noted: list[asyncpg.Record] = await connection.fetch(_DISCREPANCY_SQL, *columns, now)
    return noted


async def settle(
    connection: asyncpg.Connection,
    folded: Mapping[int, str],
    still: Sequence[Misfit],
    now: datetime,
) -> list[asyncpg.Record]:
    """Close what items folded again no longer show; `folded`: the event of each that did it."""
    settled: list[asyncpg.Record] = await connection.fetch(
        _SETTLE_SQL,
        list(folded),
        list(folded.values()),
        [one.item_id for one in still],
        [one.event_id for one in still],
        [one.kind for one in still],
        now,
    )
    return settled


async def get(session: AsyncSession, wanted: UUID, *, lock: bool = False) -> Discrepancy | None:
    query = select(Discrepancy).where(Discrepancy.id == wanted)
    if lock:
        query = query.with_for_update()
    return await session.scalar(query)


async def listing(
    session: AsyncSession,
    *,
    opened: bool | None,
    kind: str | None,
    owner: int | None,
    item_id: int | None,
    before: UUID | None,
    limit: int,
) -> Sequence[Discrepancy]:
    """Newest first: ids grow with time."""
    query = select(Discrepancy).order_by(Discrepancy.id.desc()).limit(limit)
    if opened is not None:
        is_open = Discrepancy.closed_at.is_(None)
        query = query.where(is_open if opened else ~is_open)
    if kind is not None:
        query = query.where(Discrepancy.kind == kind)
    if owner is not None:
        query = query.where(Discrepancy.owner == owner)
    if item_id is not None:
        query = query.where(Discrepancy.item_id == item_id)
    if before is not None:
        query = query.where(Discrepancy.id < before)
    return (await session.scalars(query)).all()


async def close_all(
    connection: asyncpg.Connection,
    item_id: int,
    kinds: Sequence[str] | None,
    *,
    event_id: UUID | None,
    decision: tuple[str, str, datetime],
) -> list[asyncpg.Record]:
    """Close an item's open ones (of these kinds, of this event) by a decision: why, by whom."""
    closed: list[asyncpg.Record] = await connection.fetch(
        "UPDATE discrepancy d SET closed_at = $6, closed_by = 'decision', reason = $4,"
        " decided_by = $5 WHERE item_id = $1 AND closed_at IS NULL"
        " AND ($2::text[] IS NULL OR kind = ANY($2)) AND ($3::uuid IS NULL OR event_id = $3)"
        f" RETURNING {_SHOWN}",
        item_id,
        kinds,
        event_id,
        *decision,
    )
    return closed


async def settle_missing(connection: asyncpg.Connection, now: datetime) -> list[asyncpg.Record]:
    """Close what was missing and has been seen since; looks at open ones only, of which few are."""
    settled: list[asyncpg.Record] = await connection.fetch(
        "UPDATE discrepancy d SET closed_at = $1, closed_by = 'event',"
        " closing_event = p.fold_event_id FROM parcel p"
        " WHERE d.kind = 'missing' AND d.closed_at IS NULL AND p.item_id = d.item_id"
        " AND p.fold_event_id IS DISTINCT FROM d.event_id"
        f" RETURNING {_SHOWN}",
        now,
    )
    return settled


async def settle_measured(connection: asyncpg.Connection, now: datetime) -> list[asyncpg.Record]:
    """Close differences in weight that nobody contested in time."""
    settled: list[asyncpg.Record] = await connection.fetch(
        "UPDATE discrepancy d SET closed_at = $1, closed_by = 'event', closing_event = m.id"
        " FROM measurement m WHERE d.kind = 'weight_difference' AND d.closed_at IS NULL"
        " AND m.item_id = d.item_id AND m.id = d.event_id"
        " AND m.status = 'repriced' AND m.contest_until < $1"
        f" RETURNING {_SHOWN}",
        now,
    )
    return settled
