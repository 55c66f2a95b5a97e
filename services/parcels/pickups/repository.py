"""SQL of pickups."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.pickups.models import Pickup, PickupPlace
from shared.pagination import Page


async def new_id(session: AsyncSession) -> UUID:
    """Grows with time, so that lists go by it."""
    made: UUID | None = await session.scalar(select(func.uuidv7()))
    if made is None:
        raise RuntimeError("the server made no uuid")
    return made


async def get(session: AsyncSession, pickup: UUID, *, lock: bool = False) -> Pickup | None:
    query = select(Pickup).where(Pickup.id == pickup)
    if lock:
        query = query.with_for_update()
    return (await session.scalars(query)).one_or_none()


async def places(session: AsyncSession, pickups: Collection[UUID]) -> dict[UUID, PickupPlace]:
    rows = await session.scalars(select(PickupPlace).where(PickupPlace.pickup.in_(pickups)))
    return {place.pickup: place for place in rows}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose pickups, of which office, in which state; None is any."""

    partner: UUID | None = None
    office: int | None = None
    status: str | None = None


async def listing(session: AsyncSession, wanted: Wanted, page: Page) -> list[Pickup]:
    """Newest first."""
    query = select(Pickup)
    for column, value in (
        (Pickup.partner, wanted.partner),
        (Pickup.office, wanted.office),
        (Pickup.status, wanted.status),
    ):
        if value is not None:
            query = query.where(column == value)
    if page.after is not None:
        query = query.where(Pickup.id < page.after_uuid())
    query = query.order_by(Pickup.id.desc()).limit(page.limit + 1)
    return list((await session.scalars(query)).all())
