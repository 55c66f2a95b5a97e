"""SQL of measurements."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.reweighing.models import Measurement
from services.parcels.tariff.domain import Size

SHOWN_MAX: Final = 200

_SAVE_SIZE = text("""
INSERT INTO parcel_terms AS t (item_id, advice_of_delivery, pickup, length_mm, width_mm, height_mm)
VALUES (:item_id, false, false, :length_mm, :width_mm, :height_mm)
ON CONFLICT (item_id) DO UPDATE SET length_mm = excluded.length_mm,
    width_mm = excluded.width_mm, height_mm = excluded.height_mm
""")


async def get(session: AsyncSession, item_id: int, wanted: UUID) -> Measurement | None:
    """Under the item's lock, which all who change one take."""
    return await session.get(Measurement, (item_id, wanted))


async def of_item(session: AsyncSession, item_id: int) -> Sequence[Measurement]:
    """Newest first, `SHOWN_MAX` at most."""
    query = select(Measurement).where(Measurement.item_id == item_id)
    query = query.order_by(Measurement.recorded_at.desc(), Measurement.id).limit(SHOWN_MAX)
    return (await session.scalars(query)).all()


async def contested(
    session: AsyncSession, *, after: UUID | None, limit: int
) -> Sequence[Measurement]:
    query = select(Measurement).where(Measurement.status == "contested")
    if after is not None:
        query = query.where(Measurement.id > after)
    return (await session.scalars(query.order_by(Measurement.id).limit(limit))).all()


async def save_size(session: AsyncSession, item_id: int, size: Size | None) -> None:
    sides = (None, None, None) if size is None else size
    names = ("length_mm", "width_mm", "height_mm")
    values = dict(zip(names, sides, strict=True))
    await session.execute(_SAVE_SIZE, {"item_id": item_id, **values})
