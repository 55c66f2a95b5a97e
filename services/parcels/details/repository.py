"""SQL of details."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking.models import Parcel


async def parcel(session: AsyncSession, item_id: int) -> Parcel | None:
    return await session.get(Parcel, item_id)
