"""SQL of who offers what. Offerings are public, as offices are."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.offices.catalogue.models import DelegatedService, Offering


async def of_office(session: AsyncSession, office_id: int) -> Sequence[Offering]:
    """All there ever were and will be, each with its service; lock the office before."""
    statement = (
        select(Offering)
        .where(Offering.office_id == office_id)
        .order_by(Offering.service, Offering.valid_from)
        .options(selectinload(Offering.offered), selectinload(Offering.host))
    )
    return (await session.scalars(statement)).all()


async def listing(
    session: AsyncSession,
    office_id: int,
    *,
    valid_on: date | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Offering]:
    statement = (
        select(Offering)
        .where(Offering.office_id == office_id)
        .order_by(Offering.id)
        .limit(limit)
        .options(selectinload(Offering.host))
    )
    if after is not None:
        statement = statement.where(Offering.id > after)
    if valid_on is not None:
        statement = statement.where(_valid(Offering, valid_on))
    return (await session.scalars(statement)).all()


async def services(session: AsyncSession, codes: Collection[str]) -> dict[str, DelegatedService]:
    """Those of these that the catalogue has, by code."""
    statement = select(DelegatedService).where(DelegatedService.code.in_(codes))
    return {row.code: row for row in await session.scalars(statement)}


async def withdraw(session: AsyncSession, ids: Collection[UUID]) -> None:
    await session.execute(delete(Offering).where(Offering.id.in_(ids)))


def _valid(row: type[Offering | DelegatedService], day: date) -> ColumnElement[bool]:
    return and_(row.valid_from <= day, or_(row.valid_until.is_(None), row.valid_until >= day))


async def offered(session: AsyncSession, office_id: int, day: date) -> set[str]:
    """The services that an office offers on a day and that are valid on it."""
    statement: Select[str] = (
        select(Offering.service)
        .join(Offering.offered)
        .where(Offering.office_id == office_id, _valid(Offering, day))
        .where(_valid(DelegatedService, day))
    )
    return set(await session.scalars(statement))
