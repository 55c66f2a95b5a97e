"""SQL of destruction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.destruction.models import Destruction
from services.parcels.holding.models import Holding
from services.parcels.scanning.models import ScanEvent
from services.parcels.vocabulary import Event


async def get(session: AsyncSession, item_id: int, event_id: UUID) -> Destruction | None:
    return await session.get(Destruction, (item_id, event_id))


async def last(session: AsyncSession, item_id: int) -> Destruction | None:
    statement = (
        select(Destruction)
        .where(Destruction.item_id == item_id)
        .order_by(Destruction.recorded_at.desc(), Destruction.event_id.desc())
        .limit(1)
    )
    return await session.scalar(statement)


async def is_in_vain(session: AsyncSession, item_id: int, now: datetime) -> bool:
    """Whether it waited in vain, or was tried in vain and does not wait any more."""
    tried = exists().where(
        ScanEvent.item_id == item_id,
        ScanEvent.event.in_([int(Event.DELIVERY_FAILED), int(Event.HELD_AT_COUNTER)]),
        ScanEvent.flagged.is_(False),
    )
    waits = exists().where(Holding.item_id == item_id, Holding.until > now)
    return bool((await session.execute(select(tried & ~waits))).scalar())
