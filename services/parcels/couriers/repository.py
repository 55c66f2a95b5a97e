"""SQL of couriers."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.couriers.errors import CourierNotFound
from services.parcels.couriers.models import Courier, CourierPerson


async def get(session: AsyncSession, code: str, *, lock: bool = False) -> Courier:
    query = select(Courier).where(Courier.code == code)
    found = await session.scalar(query.with_for_update(key_share=True) if lock else query)
    if found is None:
        raise CourierNotFound(f"there is no courier {code}")
    return found


async def add(session: AsyncSession, courier: Courier) -> bool:
    """Whether the code was free; of two at once, one."""
    values = {column.key: getattr(courier, column.key) for column in Courier.__table__.columns}
    made = await session.execute(
        insert(Courier).values(values).on_conflict_do_nothing().returning(Courier.code)
    )
    return made.first() is not None


async def people(session: AsyncSession, codes: Sequence[str]) -> Mapping[str, CourierPerson]:
    rows = await session.scalars(select(CourierPerson).where(CourierPerson.courier.in_(codes)))
    return {row.courier: row for row in rows}


async def forget_person(session: AsyncSession, code: str) -> None:
    await session.execute(delete(CourierPerson).where(CourierPerson.courier == code))


async def listing(
    session: AsyncSession, office: int | None, after: str | None, limit: int
) -> Sequence[Courier]:
    query = select(Courier).order_by(Courier.code).limit(limit)
    if office is not None:
        query = query.where(Courier.office == office)
    if after is not None:
        query = query.where(Courier.code > after)
    return (await session.scalars(query)).all()
