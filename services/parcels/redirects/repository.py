"""SQL of instructions."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking.models import ParcelParty
from services.parcels.redirects.models import Instruction
from services.parcels.vocabulary import Custodian

SHOWN_MAX: Final = 200

_AT_OFFICE = text(f"""
SELECT i.* FROM instruction i JOIN parcel p ON p.item_id = i.item_id
WHERE i.status = 'open' AND (CAST(:after AS uuid) IS NULL OR i.id > :after)
    AND p.custodian_id = :office
    AND p.custodian IN ({int(Custodian.OFFICE)}, {int(Custodian.COURIER)})
ORDER BY i.id LIMIT :limit
""")

# the open ones by their index; their items are read only
_OPEN = text("""
SELECT i.item_id, i.id, i.kind, i.hold_until, p.status
FROM instruction i JOIN parcel p ON p.item_id = i.item_id
WHERE i.status = 'open' AND (CAST(:after AS uuid) IS NULL OR i.id > :after)
ORDER BY i.id LIMIT :limit
""")


async def party(session: AsyncSession, item_id: int) -> ParcelParty | None:
    return await session.get(ParcelParty, item_id)


async def of_item(
    session: AsyncSession, item_id: int, *, opened: bool = False
) -> Sequence[Instruction]:
    """Newest first, `SHOWN_MAX` at most."""
    query = select(Instruction).where(Instruction.item_id == item_id)
    if opened:
        query = query.where(Instruction.status == "open")
    return (await session.scalars(query.order_by(Instruction.id.desc()).limit(SHOWN_MAX))).all()


async def lock(session: AsyncSession, item_id: int, wanted: UUID) -> Instruction | None:
    query = select(Instruction).where(Instruction.item_id == item_id, Instruction.id == wanted)
    return await session.scalar(query.with_for_update())


async def at_office(
    session: AsyncSession, office: int, *, after: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """Open ones of items that an office or its couriers have, the oldest first."""
    found = await session.execute(_AT_OFFICE, {"office": office, "after": after, "limit": limit})
    return found.all()


async def opened(session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[Row[Any]]:
    """Open ones with their items' status, the oldest first."""
    return (await session.execute(_OPEN, {"after": after, "limit": limit})).all()


async def locked_open(session: AsyncSession, ids: Mapping[UUID, int]) -> Sequence[Instruction]:
    """Of these (with their items) those that are still open, locked in their order."""
    query = (
        select(Instruction)
        .where(
            Instruction.item_id.in_(set(ids.values())),
            Instruction.id.in_(ids),
            Instruction.status == "open",
        )
        .order_by(Instruction.item_id, Instruction.id)
    )
    return (await session.scalars(query.with_for_update())).all()
