"""SQL of the log, and of sending once more what was finished.

Whoever replays has locked the partner's feed: nothing is enqueued for it meanwhile.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.deliveries.errors import DeliveryNotFound
from services.gateway.deliveries.schemas import Status
from services.gateway.webhooks.models import WebhookAttempt, WebhookDelivery


async def listed(
    session: AsyncSession, endpoint: UUID, status: Status | None, *, before: int | None, limit: int
) -> Sequence[WebhookDelivery]:
    """The log of one endpoint, the newest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.endpoint == endpoint)
    if status is not None:
        # in the statement itself: there are indexes of the deliveries of one status
        word: BindParameter[str] = bindparam("status", status, literal_execute=True)
        query = query.where(WebhookDelivery.status == word)
    if before is not None:
        query = query.where(WebhookDelivery.seq < before)
    found = await session.execute(query.order_by(WebhookDelivery.seq.desc()).limit(limit))
    return found.scalars().all()


async def get(session: AsyncSession, endpoint: UUID, delivery: UUID) -> WebhookDelivery:
    found = await session.execute(
        select(WebhookDelivery)
        .where(WebhookDelivery.id == delivery, WebhookDelivery.endpoint == endpoint)
        .execution_options(populate_existing=True)
    )
    row = found.scalar_one_or_none()
    if row is None:
        raise DeliveryNotFound("this webhook has no delivery with this id; they go after 30 days")
    return row


async def attempts(session: AsyncSession, delivery: UUID) -> Sequence[WebhookAttempt]:
    """In their order."""
    found = await session.execute(
        select(WebhookAttempt)
        .where(WebhookAttempt.delivery == delivery)
        .order_by(WebhookAttempt.number)
    )
    return found.scalars().all()


async def under_way(session: AsyncSession, endpoint: UUID, subject: str) -> bool:
    """Whether an endpoint is still to be sent something of a subject."""
    found = await session.execute(
        select(
            exists().where(
                WebhookDelivery.endpoint == endpoint,
                WebhookDelivery.subject == subject,
                WebhookDelivery.status.in_(["pending", "waiting"]),
            )
        )
    )
    return bool(found.scalar())


async def known(session: AsyncSession, deliveries: Collection[UUID]) -> dict[UUID, WebhookDelivery]:
    """Those of these that are in the log."""
    found = await session.execute(select(WebhookDelivery).where(WebhookDelivery.id.in_(deliveries)))
    return {row.id: row for row in found.scalars()}


_LOCK_SQL: Final = text("""
SELECT FROM webhook_delivery WHERE endpoint = :endpoint AND subject = ANY(CAST(:subjects AS text[]))
    AND status IN ('pending', 'waiting')
ORDER BY endpoint, subject, status, seq FOR UPDATE  -- heads first, as `record` does
""")

_AGAIN_SQL: Final = text("""
UPDATE webhook_delivery SET status = 'waiting', finished_at = NULL, attempts_before = attempts
WHERE id = ANY(CAST(:ids AS uuid[])) AND status IN ('delivered', 'dead')
""")

_HEADS_SQL: Final = text("""
UPDATE webhook_delivery SET status = 'pending', next_attempt_at = :now WHERE seq IN (
    SELECT min(w.seq) FROM webhook_delivery w
    WHERE w.endpoint = :endpoint AND w.subject = ANY(CAST(:subjects AS text[]))
        AND w.status = 'waiting' AND NOT EXISTS (SELECT FROM webhook_delivery p
            WHERE p.endpoint = w.endpoint AND p.subject = w.subject AND p.status = 'pending')
    GROUP BY w.subject) AND endpoint = :endpoint AND status = 'waiting'
""")


async def again(
    session: AsyncSession,
    endpoint: UUID,
    deliveries: Sequence[WebhookDelivery],
    now: datetime,
) -> None:
    """Finished deliveries of an endpoint wait once more, each in its subject's place."""
    subjects = sorted({row.subject for row in deliveries})
    of_subjects = {"endpoint": endpoint, "subjects": subjects}
    await session.execute(_LOCK_SQL, of_subjects)
    await session.execute(_AGAIN_SQL, {"ids": [row.id for row in deliveries]})
    await session.execute(_HEADS_SQL, {**of_subjects, "now": now})
