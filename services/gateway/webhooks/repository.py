"""SQL of webhooks: endpoints, of which a partner sees its own; the log; the queue in the log.

The queue's invariant: a parcel's unfinished deliveries to an endpoint are one `pending` head and
`waiting` followers. `enqueue` locks what is unfinished before it adds, and `record` locks the head
before it promotes the next, so neither acts on what the other is changing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.webhooks.domain import (
    DEAD_AFTER,
    DEAD_FAILURES,
    Answer,
    NewDelivery,
    Step,
)
from services.gateway.webhooks.errors import EndpointNotFound
from services.gateway.webhooks.models import UNNOTICED, WebhookEndpoint

CLAIM_LOCK: Final = 0x5053_0010
ERROR_MAX: Final = 300


async def count_enabled(session: AsyncSession, partner: UUID) -> int:
    """How many endpoints a partner has; until the commit nobody else adds one to them."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"webhook_endpoint {partner}"},
    )
    found = await session.execute(
        select(func.count()).where(
            WebhookEndpoint.partner == partner, WebhookEndpoint.disabled_at.is_(None)
        )
    )
    return found.scalar_one()


async def add(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    session.add(endpoint)
    await session.flush()


async def get(
    session: AsyncSession, partner: UUID, endpoint: UUID, *, lock: bool = False
) -> WebhookEndpoint:
    query = select(WebhookEndpoint).where(
        WebhookEndpoint.id == endpoint, WebhookEndpoint.partner == partner
    )
    found = await session.execute(query.with_for_update() if lock else query)
    row = found.scalar_one_or_none()
    if row is None:
        raise EndpointNotFound("you have no webhook with this id")
    return row


async def endpoints(
    session: AsyncSession, partner: UUID, *, before: UUID | None, limit: int
) -> Sequence[WebhookEndpoint]:
    """A partner's endpoints, disabled ones too, the newest first."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.partner == partner)
    if before is not None:
        query = query.where(WebhookEndpoint.id < before)
    found = await session.execute(query.order_by(WebhookEndpoint.id.desc()).limit(limit))
    return found.scalars().all()


async def subscribers(
    session: AsyncSession, partners: Collection[UUID]
) -> Sequence[WebhookEndpoint]:
    """The enabled endpoints of these partners."""
    found = await session.execute(
        select(WebhookEndpoint).where(
            WebhookEndpoint.partner.in_(partners), WebhookEndpoint.disabled_at.is_(None)
        )
    )
    return found.scalars().all()


_LOCK_UNFINISHED_SQL: Final = text("""
SELECT FROM unnest(CAST(:endpoints AS uuid[]), CAST(:subjects AS text[])) AS n (endpoint, subject)
JOIN webhook_delivery d ON d.endpoint = n.endpoint AND d.subject = n.subject
WHERE d.status IN ('pending', 'waiting')
ORDER BY d.endpoint, d.subject, d.status, d.seq FOR UPDATE OF d  -- heads first, as `record` does
""")

_ENQUEUE_SQL: Final = text("""
WITH given AS (
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:endpoints AS uuid[]), CAST(:types AS text[]),
        CAST(:subjects AS text[]), CAST(:bodies AS text[]), CAST(:sequences AS bigint[]))
        WITH ORDINALITY AS n (id, endpoint, type, subject, body, sequence, nth)
), fresh AS (
    SELECT *, row_number() OVER (PARTITION BY endpoint, subject ORDER BY nth) = 1
        AND NOT EXISTS (SELECT FROM webhook_delivery d WHERE d.endpoint = given.endpoint
            AND d.subject = given.subject AND d.status IN ('pending', 'waiting')) AS head
    FROM given WHERE NOT EXISTS (SELECT FROM webhook_delivery d WHERE d.id = given.id)
)
INSERT INTO webhook_delivery
    (id, endpoint, type, subject, body, sequence, status, next_attempt_at, created_at)
SELECT id, endpoint, type, subject, body, sequence,
    CASE WHEN head THEN 'pending' ELSE 'waiting' END,
    CASE WHEN head THEN CAST(:now AS timestamptz) END, CAST(:now AS timestamptz)
FROM fresh ORDER BY nth
""")


async def enqueue(session: AsyncSession, new: Sequence[NewDelivery], now: datetime) -> None:
    """Add deliveries in this order; those that are there already are left as they are."""
    pairs = {
        "endpoints": [delivery.endpoint for delivery in new],
        "subjects": [delivery.subject for delivery in new],
    }
    await session.execute(_LOCK_UNFINISHED_SQL, pairs)
    await session.execute(
        _ENQUEUE_SQL,
        {
            **pairs,
            "ids": [delivery.id for delivery in new],
            "types": [delivery.type for delivery in new],
            "bodies": [delivery.body for delivery in new],
            "sequences": [delivery.sequence for delivery in new],
            "now": now,
        },
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery leased for one attempt; `attempts` counts it and is the lease's token.

    `nth`: the same since it was last replayed. `secrets`: the newest first.
    """

    id: UUID
    endpoint: UUID
    url: str
    secrets: tuple[bytes, ...]
    body: str
    attempts: int
    nth: int


# `busy` hops over the index from endpoint to endpoint, so a long queue costs no more than a short
# one. The more an endpoint has under way, the later it comes; one that fails gets fewer places, and
# all that fail together no more than some: however many hang, others find a place.
_CLAIM_SQL: Final = """
WITH RECURSIVE busy AS (
    (SELECT endpoint FROM webhook_delivery WHERE status = 'pending' ORDER BY endpoint LIMIT 1)
    UNION ALL
    SELECT (SELECT d.endpoint FROM webhook_delivery d WHERE d.status = 'pending'
            AND d.endpoint > busy.endpoint ORDER BY d.endpoint LIMIT 1)
    FROM busy WHERE busy.endpoint IS NOT NULL
), listening AS (
    SELECT e.id, e.url, e.secret, e.failures, e.paused_until, held.n AS held,
        CASE WHEN e.previous_until > $1 THEN e.previous_secret END AS previous
    FROM busy JOIN webhook_endpoint e ON e.id = busy.endpoint AND e.disabled_at IS NULL
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM webhook_delivery l
        WHERE l.endpoint = e.id AND l.leased_until IS NOT NULL AND l.leased_until > $1) AS held
), due AS (
    SELECT d.id, d.next_attempt_at, e.url, e.secret, e.previous, e.failures > 0 AS failing,
        e.held + row_number() OVER (
        PARTITION BY e.id ORDER BY d.next_attempt_at, d.seq) AS turn
    FROM listening e
    CROSS JOIN LATERAL (SELECT p.id, p.next_attempt_at, p.seq FROM webhook_delivery p
        WHERE p.endpoint = e.id AND p.status = 'pending' AND p.next_attempt_at <= $1
            AND (p.leased_until IS NULL OR p.leased_until <= $1)
        ORDER BY p.next_attempt_at, p.seq
        LIMIT greatest(greatest($4 >> least(e.failures, 15), 1) - e.held, 0)
        FOR UPDATE SKIP LOCKED) AS d
    WHERE e.paused_until IS NULL OR e.paused_until <= $1
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY failing ORDER BY turn, next_attempt_at) AS nth
    FROM due
), taken AS (
    SELECT id, url, secret, previous FROM ranked
    WHERE NOT failing
        OR nth <= $5 - (SELECT coalesce(sum(held), 0) FROM listening WHERE failures > 0)
    ORDER BY turn, next_attempt_at LIMIT $3
)
UPDATE webhook_delivery w SET leased_until = $2, attempts = attempts + 1
FROM taken WHERE w.id = taken.id
RETURNING w.id, w.endpoint, taken.url, taken.secret, taken.previous, w.body, w.attempts,
    w.attempts - w.attempts_before AS nth
"""


async def claim(
    connection: asyncpg.Connection,
    *,
    now: datetime,
    lease: timedelta,
    places: int,
    per_endpoint: int,
    failing: int,
) -> list[Claimed]:
    """Lease what is due, at most `places`; none while another worker claims.

    Claims go one at a time, so that `per_endpoint`, and `failing` for all endpoints that fail, hold
    over all workers.
    """
    async with connection.transaction():
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", CLAIM_LOCK):
            return []
        limits = (places, per_endpoint, failing)
        found = await connection.fetch(_CLAIM_SQL, now, now + lease, *limits)
    return [
        Claimed(
            row["id"],
            row["endpoint"],
            row["url"],
            tuple(secret for secret in (row["secret"], row["previous"]) if secret is not None),
            row["body"],
            row["attempts"],
            row["nth"],
        )
        for row in found
    ]


_RECORD_SQL: Final = """
UPDATE webhook_delivery SET status = $3, next_attempt_at = $4, last_status = $5, last_error = $6,
    finished_at = CASE WHEN $3 <> 'pending' THEN $7::timestamptz END, leased_until = NULL
WHERE id = $1 AND attempts = $2 AND status = 'pending' AND leased_until IS NOT NULL
RETURNING endpoint, subject
"""

_PROMOTE_SQL: Final = """
UPDATE webhook_delivery SET status = 'pending', next_attempt_at = $3
WHERE id = (SELECT id FROM webhook_delivery WHERE endpoint = $1 AND subject = $2
    AND status = 'waiting' ORDER BY seq LIMIT 1)
  AND status = 'waiting'  -- looked at again after a wait: the sweep may have been first
"""

_ATTEMPT_SQL: Final = """
INSERT INTO webhook_attempt (delivery, number, at, elapsed_ms, status, error, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

_WELL_SQL: Final = """
UPDATE webhook_endpoint SET failures = 0, failing_since = NULL WHERE id = $1 AND failures > 0
"""

_ILL_SQL: Final = """
UPDATE webhook_endpoint SET failures = least(failures + 1, 1000),
    failing_since = coalesce(failing_since, $2), paused_until = greatest(paused_until, $3)
WHERE id = $1
"""

_GONE_SQL: Final = """
UPDATE webhook_endpoint SET disabled_at = $2, disabled_reason = 'gone'
WHERE id = $1 AND disabled_at IS NULL
"""


async def record(
    connection: asyncpg.Connection,
    claimed: Claimed,
    answer: Answer,
    step: Step,
    now: datetime,
    *,
    elapsed_ms: int = 0,
) -> bool:
    """What came of an attempt; False if the lease had passed to another, whose word then counts."""
    error = answer.error and answer.error[:ERROR_MAX]
    async with connection.transaction():
        row = await connection.fetchrow(
            _RECORD_SQL,
            claimed.id,
            claimed.attempts,
            step.status,
            step.next_attempt_at,
            answer.status,
            error,
            now,
        )
        if row is None:
            return False
        told = (elapsed_ms, answer.status, error, answer.body)
        await connection.execute(_ATTEMPT_SQL, claimed.id, claimed.attempts, now, *told)
        if step.status != "pending":
            await connection.execute(_PROMOTE_SQL, row["endpoint"], row["subject"], now)
        if answer.accepted:
            await connection.execute(_WELL_SQL, row["endpoint"])
        else:
            pause = None if answer.pause is None else now + answer.pause
            await connection.execute(_ILL_SQL, row["endpoint"], now, pause)
        if step.gone:
            await connection.execute(_GONE_SQL, row["endpoint"], now)
    return True


async def disable_dead(session: AsyncSession, now: datetime) -> int:
    """Disable endpoints that have only failed for too long; how many."""
    result = await session.execute(
        update(WebhookEndpoint)
        .where(
            WebhookEndpoint.disabled_at.is_(None),
            WebhookEndpoint.failing_since <= now - DEAD_AFTER,
            WebhookEndpoint.failures >= DEAD_FAILURES,
        )
        .values(disabled_at=now, disabled_reason="failing")
        .returning(WebhookEndpoint.id)
    )
    return len(result.all())


async def unnoticed(session: AsyncSession, *, limit: int) -> Sequence[WebhookEndpoint]:
    """Endpoints that were disabled for their partners, who do not know it yet; locked."""
    found = await session.execute(
        select(WebhookEndpoint)
        .where(UNNOTICED)
        .order_by(WebhookEndpoint.partner, WebhookEndpoint.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return found.scalars().all()


_ABANDON_SQL: Final = text("""
UPDATE webhook_delivery SET status = 'dead', next_attempt_at = NULL, leased_until = NULL,
    finished_at = :now, last_error = 'the webhook was disabled'
WHERE id IN (SELECT d.id FROM webhook_endpoint e JOIN webhook_delivery d ON d.endpoint = e.id
    WHERE e.disabled_at IS NOT NULL AND d.status IN ('pending', 'waiting')
        AND (d.leased_until IS NULL OR d.leased_until <= :now)
    LIMIT :limit FOR UPDATE OF d SKIP LOCKED)
RETURNING 1
""")

_PRUNE_DELIVERIES_SQL: Final = text("""
DELETE FROM webhook_delivery WHERE id IN
    (SELECT id FROM webhook_delivery WHERE finished_at < :before ORDER BY finished_at LIMIT :limit)
RETURNING 1
""")

_PRUNE_ENDPOINTS_SQL: Final = text("""
DELETE FROM webhook_endpoint WHERE id IN
    (SELECT id FROM webhook_endpoint e WHERE disabled_at < :before
        AND NOT EXISTS (SELECT FROM webhook_delivery d WHERE d.endpoint = e.id) LIMIT :limit)
RETURNING 1
""")


async def abandon(session: AsyncSession, now: datetime, *, limit: int) -> int:
    """Declare dead what disabled endpoints were still to get; how many."""
    result = await session.execute(_ABANDON_SQL, {"now": now, "limit": limit})
    return len(result.all())


async def prune(session: AsyncSession, before: datetime, *, limit: int) -> int:
    """Forget deliveries finished before, then endpoints disabled before; how many."""
    done = 0
    for statement in (_PRUNE_DELIVERIES_SQL, _PRUNE_ENDPOINTS_SQL):
        result = await session.execute(statement, {"before": before, "limit": limit})
        done += len(result.all())
    return done
