"""SQL of customers' returns."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking.models import Parcel, ParcelParty
from services.parcels.returns.models import CustomerReturn, ReturnCode


async def of(session: AsyncSession, item_id: int) -> CustomerReturn | None:
    """The return of a delivered item, under that item's lock where it matters."""
    return await session.get(CustomerReturn, item_id)


async def is_return(session: AsyncSession, item_id: int) -> bool:
    query = select(CustomerReturn.return_of).where(CustomerReturn.item_id == item_id).limit(1)
    return await session.scalar(query) is not None


async def party(session: AsyncSession, item_id: int) -> ParcelParty | None:
    return await session.get(ParcelParty, item_id)


async def parcel(session: AsyncSession, item_id: int) -> Parcel:
    return await session.get_one(Parcel, item_id)


async def delivering_office(session: AsyncSession, parcel: Parcel) -> int | None:
    """Of the event by which the item ended."""
    found = await session.execute(
        text("SELECT office FROM scan_event WHERE item_id = :item_id AND event_id = :event_id"),
        {"item_id": parcel.item_id, "event_id": parcel.fold_event_id},
    )
    office: int | None = found.scalar()
    return office


async def take_code(session: AsyncSession, code: str, return_of: int) -> bool:
    """Whether the code was free."""
    taken = await session.execute(
        text(
            "INSERT INTO return_code (code, return_of) VALUES (:code, :return_of)"
            " ON CONFLICT DO NOTHING RETURNING 1"
        ),
        {"code": code, "return_of": return_of},
    )
    return taken.scalar() is not None


async def by_code(session: AsyncSession, code: str) -> CustomerReturn | None:
    query = (
        select(CustomerReturn)
        .join(ReturnCode, ReturnCode.return_of == CustomerReturn.return_of)
        .where(ReturnCode.code == code, CustomerReturn.code == code)
    )
    return await session.scalar(query)
