"""SQL of the partners' feeds. A partner reads its own.

A feed's row is locked from a number's being given out to its commit, so whoever sees a number sees
all below it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.feed.domain import FeedPage, News
from services.gateway.feed.models import PartnerActive, PartnerEvent
from shared.outbox import CHANNEL

_APPEND_SQL: Final = text("""
WITH given AS (
    SELECT * FROM unnest(CAST(:partners AS uuid[]), CAST(:ids AS uuid[]), CAST(:types AS text[]),
        CAST(:subjects AS text[]), CAST(:times AS text[]), CAST(:data AS text[]))
        WITH ORDINALITY AS n (partner, id, type, subject, time, data, nth)
), fresh AS (
    SELECT *, row_number() OVER (PARTITION BY partner ORDER BY nth) AS k,
        count(*) OVER (PARTITION BY partner) AS n
    FROM given WHERE NOT EXISTS (SELECT FROM partner_event e
        WHERE e.partner = given.partner AND e.id = given.id)
), head AS (
    INSERT INTO partner_feed AS f (partner, head, floor)
    SELECT partner, max(n), 0 FROM fresh GROUP BY partner ORDER BY partner
    ON CONFLICT (partner) DO UPDATE SET head = f.head + excluded.head
    RETURNING f.partner, f.head
), added AS (
    INSERT INTO partner_event (partner, sequence, id, type, subject, time, data, recorded_at)
    SELECT fresh.partner, head.head - fresh.n + fresh.k, id, type, subject, time, data,
        CAST(:now AS timestamptz)
    FROM fresh JOIN head ON head.partner = fresh.partner ORDER BY nth
)
SELECT fresh.nth, head.head - fresh.n + fresh.k AS sequence
FROM fresh JOIN head ON head.partner = fresh.partner ORDER BY fresh.nth
""")


async def append(session: AsyncSession, news: Sequence[News], now: datetime) -> list[News]:
    """Number these in their order; those that were there already are left out of the answer."""
    found = await session.execute(
        _APPEND_SQL,
        {
            "partners": [one.partner for one in news],
            "ids": [one.id for one in news],
            "types": [one.type for one in news],
            "subjects": [one.subject for one in news],
            "times": [one.time for one in news],
            "data": [one.data for one in news],
            "now": now,
        },
    )
    numbered = [news[row.nth - 1].numbered(row.sequence) for row in found]
    if numbered:
        await session.execute(text(f"NOTIFY {CHANNEL}"))  # a hint to those who wait
    return numbered


_LOCK_SQL: Final = text("""
INSERT INTO partner_feed AS f (partner, head, floor)
SELECT partner, 0, 0 FROM unnest(CAST(:partners AS uuid[])) AS n (partner) ORDER BY partner
ON CONFLICT (partner) DO UPDATE SET head = f.head
""")


async def lock(session: AsyncSession, partners: Collection[UUID]) -> None:
    """Nothing is added to these feeds, nor to their webhooks' queues, until the commit."""
    await session.execute(_LOCK_SQL, {"partners": list(partners)})


_PAGE_SQL: Final = """
SELECT h.epoch, coalesce(f.head, 0) AS head, coalesce(f.floor, 0) AS floor, e.*
FROM feed_head h LEFT JOIN partner_feed f ON f.partner = $1
LEFT JOIN LATERAL (SELECT id, sequence, type, subject, time, data FROM partner_event
    WHERE partner = $1 AND sequence > $2 ORDER BY sequence LIMIT $3) AS e ON true
ORDER BY e.sequence
"""


async def page(pool: asyncpg.Pool, partner: UUID, after: int, limit: int) -> FeedPage:
    """One statement, so that range and events are of one moment."""
    rows = await pool.fetch(_PAGE_SQL, partner, after, limit)
    news = [
        News(
            partner,
            row["id"],
            row["type"],
            row["subject"],
            row["time"],
            row["data"],
            row["sequence"],
        )
        for row in rows
        if row["sequence"] is not None
    ]
    return FeedPage(str(rows[0]["epoch"]), rows[0]["floor"], rows[0]["head"], news)


async def told_between(
    session: AsyncSession, partner: UUID, since: datetime, until: datetime, limit: int
) -> list[News]:
    """What a partner was told in [since, until), in its order."""
    found = await session.execute(
        select(PartnerEvent)
        .where(
            PartnerEvent.partner == partner,
            PartnerEvent.recorded_at >= since,
            PartnerEvent.recorded_at < until,
        )
        .order_by(PartnerEvent.sequence)
        .limit(limit)
    )
    return [
        News(row.partner, row.id, row.type, row.subject, row.time, row.data, row.sequence)
        for row in found.scalars()
    ]


_ACTIVE_SQL: Final = text("""
INSERT INTO partner_active (month, partner)
SELECT * FROM unnest(CAST(:months AS integer[]), CAST(:partners AS uuid[]))
ON CONFLICT DO NOTHING
""")


async def mark_active(session: AsyncSession, booked: Iterable[tuple[int, UUID]]) -> None:
    """Months in which partners had a booking; in one order for all who write them at once."""
    pairs = sorted(booked)
    await session.execute(
        _ACTIVE_SQL, {"months": [m for m, _ in pairs], "partners": [p for _, p in pairs]}
    )


async def active_partners(session: AsyncSession, first: int, last: int) -> set[UUID]:
    """Who had a booking in these Jalali months, both included."""
    found = await session.execute(
        select(PartnerActive.partner).where(PartnerActive.month.between(first, last)).distinct()
    )
    return set(found.scalars())


_TRIM_SQL: Final = text("""
WITH gone AS (
    DELETE FROM partner_event WHERE (partner, sequence) IN
        (SELECT partner, sequence FROM partner_event WHERE recorded_at < :before
            ORDER BY recorded_at, sequence LIMIT :limit)
    RETURNING partner, sequence
), tops AS (
    SELECT partner, max(sequence) AS top FROM gone GROUP BY partner
), locked AS (  -- in the order in which adding locks them
    SELECT f.partner FROM partner_feed f JOIN tops ON tops.partner = f.partner
    ORDER BY f.partner FOR UPDATE OF f
), floors AS (
    UPDATE partner_feed f SET floor = greatest(f.floor, tops.top)
    FROM tops JOIN locked ON locked.partner = tops.partner WHERE f.partner = tops.partner
)
SELECT count(*) FROM gone
""")


async def trim(session: AsyncSession, before: datetime, *, limit: int) -> int:
    """Forget what was told before; how many. Readers that have not come so far get 410."""
    found = await session.execute(_TRIM_SQL, {"before": before, "limit": limit})
    return int(found.scalar_one())
