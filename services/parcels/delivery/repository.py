"""SQL of proofs, attempts and codes. Items are locked first (runs.repository.lock_items)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.delivery.domain import CODE_TRIES_MAX, LEAVE_NOTICE
from services.parcels.delivery.models import (
    DeliveryAttempt,
    DeliveryCode,
    DeliveryImage,
    DeliveryPerson,
    DeliveryProof,
)
from services.parcels.scanning.models import ScanEvent
from services.parcels.vocabulary import Event

_TRY: Final = text(f"""
INSERT INTO delivery_code AS c (item_id, serial, tries, updated_at) VALUES (:item, 0, 1, :now)
ON CONFLICT (item_id) DO UPDATE SET tries = c.tries + 1, updated_at = excluded.updated_at
WHERE c.tries < {CODE_TRIES_MAX}
RETURNING serial, tries
""")

_NEXT_CODE: Final = text("""
INSERT INTO delivery_code AS c (item_id, serial, tries, updated_at) VALUES (:item, 1, 0, :now)
ON CONFLICT (item_id) DO UPDATE
    SET serial = c.serial + 1, tries = 0, updated_at = excluded.updated_at
RETURNING serial
""")


async def pay_for_a_try(
    session: AsyncSession, item_id: int, now: datetime
) -> tuple[int, int] | None:
    """The code's serial and how many tries it has had with this one; None when they are used up."""
    row = (await session.execute(_TRY, {"item": item_id, "now": now})).one_or_none()
    return None if row is None else (row.serial, row.tries)


async def next_code(session: AsyncSession, item_id: int, now: datetime) -> int:
    """The serial of the code that holds from now on, with all its tries."""
    serial: int = (await session.execute(_NEXT_CODE, {"item": item_id, "now": now})).scalar_one()
    return serial


async def serial(session: AsyncSession, item_id: int) -> int:
    found = await session.get(DeliveryCode, item_id)
    return 0 if found is None else found.serial


async def new_id(session: AsyncSession) -> UUID:
    """Grows with time, so that lists are in order."""
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made


async def event(session: AsyncSession, item_id: int, event_id: UUID) -> ScanEvent | None:
    return await session.get(ScanEvent, (item_id, event_id))


async def notices(session: AsyncSession, item_id: int) -> int:
    """How many were left at the address: by attempts sent here, and by scans that say so."""
    statement = select(func.count()).where(
        ScanEvent.item_id == item_id,
        ScanEvent.event == int(Event.DELIVERY_FAILED),
        ScanEvent.flagged.is_(False),
        ScanEvent.reason.in_(LEAVE_NOTICE),
    )
    return (await session.execute(statement)).scalar_one()


async def proof(session: AsyncSession, item_id: int, event_id: UUID) -> DeliveryProof | None:
    return await session.get(DeliveryProof, (item_id, event_id))


async def last_proof(session: AsyncSession, item_id: int) -> DeliveryProof | None:
    """Of the newest delivery: one before it may have been declared not to have occurred."""
    statement = (
        select(DeliveryProof)
        .where(DeliveryProof.item_id == item_id)
        .order_by(DeliveryProof.recorded_at.desc(), DeliveryProof.id.desc())
        .limit(1)
    )
    return await session.scalar(statement)


async def proofs(
    session: AsyncSession, partner: UUID, after: UUID | None, limit: int
) -> Sequence[DeliveryProof]:
    """A partner's own, newest first."""
    statement = (
        select(DeliveryProof)
        .where(DeliveryProof.partner == partner)
        .order_by(DeliveryProof.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(DeliveryProof.id < after)
    return (await session.scalars(statement)).all()


async def person(session: AsyncSession, item_id: int, event_id: UUID) -> DeliveryPerson | None:
    return await session.get(DeliveryPerson, (item_id, event_id))


async def images(
    session: AsyncSession, item_id: int, event_id: UUID
) -> Sequence[tuple[str, str, str]]:
    """Kind, media type and hash; not the content."""
    statement = (
        select(DeliveryImage.kind, DeliveryImage.media_type, DeliveryImage.sha256)
        .where(DeliveryImage.item_id == item_id, DeliveryImage.event_id == event_id)
        .order_by(DeliveryImage.kind)
    )
    return [(kind, media, sha) for kind, media, sha in await session.execute(statement)]


async def image(
    session: AsyncSession, item_id: int, event_id: UUID, kind: str
) -> DeliveryImage | None:
    return await session.get(DeliveryImage, (item_id, event_id, kind))


async def erase(session: AsyncSession, item_id: int) -> bool:
    """Forget who took an item and every image; whether there was anything."""
    found = False
    for table in (DeliveryPerson, DeliveryImage):
        gone = await session.execute(
            delete(table).where(table.item_id == item_id).returning(table.item_id)
        )
        found = bool(gone.all()) or found
    return found


async def attempt(session: AsyncSession, item_id: int, event_id: UUID) -> DeliveryAttempt | None:
    return await session.get(DeliveryAttempt, (item_id, event_id))


async def attempts(session: AsyncSession, item_id: int) -> Sequence[DeliveryAttempt]:
    statement = (
        select(DeliveryAttempt)
        .where(DeliveryAttempt.item_id == item_id)
        .order_by(DeliveryAttempt.attempted_at, DeliveryAttempt.event_id)
    )
    return (await session.scalars(statement)).all()
