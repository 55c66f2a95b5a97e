"""All SQL of the associations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from services.offices.associations.domain import Level
from services.offices.associations.errors import (
    AssociationExists,
    AssociationNotFound,
    MembershipNotFound,
    RepresentativeNotFound,
)
from services.offices.associations.models import (
    Association,
    Membership,
    Representative,
    RepresentativeDetail,
)
from services.offices.registry.models import Office
from services.offices.working_group.models import MemberPerson
from shared.validity import Span

NIL: Final = UUID(int=0)
OF_OFFICE_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a list of associations; None leaves all in."""

    level: Level | None = None
    province: str | None = None


async def get(session: AsyncSession, association_id: UUID) -> Association:
    return known(await session.get(Association, association_id), association_id)


async def lock(session: AsyncSession, *ids: UUID) -> dict[UUID, Association]:
    """Those of these associations that exist, locked in the order of their ids."""
    statement = (
        select(Association)
        .where(Association.id.in_(ids))
        .order_by(Association.id)
        .with_for_update()
    )
    return {one.id: one for one in await session.scalars(statement)}


async def locked(session: AsyncSession, association_id: UUID) -> Association:
    found = await lock(session, association_id)
    return known(found.get(association_id), association_id)


def known(found: Association | None, association_id: UUID) -> Association:
    if found is None:
        raise AssociationNotFound(f"there is no association {association_id}")
    return found


async def save(session: AsyncSession, *new: Association) -> None:
    """One name each, and one national federation at a time."""
    session.add_all(new)
    try:
        await session.flush()
    except IntegrityError as error:
        raise AssociationExists(
            "there is an association of this name, or a national federation that is not dissolved"
        ) from error


async def listing(
    session: AsyncSession, wanted: Filters, *, after: UUID | None, limit: int
) -> Sequence[Association]:
    statement = (
        select(Association)
        .where(Association.id > (after or NIL))
        .order_by(Association.id)
        .limit(limit)
    )
    if wanted.level is not None:
        statement = statement.where(Association.level == wanted.level)
    if wanted.province is not None:
        statement = statement.where(Association.province == wanted.province)
    return (await session.scalars(statement)).all()


async def runs_outside(session: AsyncSession, association_id: UUID, life: Span) -> bool:
    """Whether a membership or representative of the association is not within these days."""
    for table in (Membership, Representative):
        days = table.valid_from < life.first
        if life.last is not None:
            late = or_(table.valid_until.is_(None), table.valid_until > life.last)
            days = or_(days, late)
        concerned: ColumnElement[bool] = table.association_id == association_id
        if table is Membership:
            concerned = or_(concerned, Membership.member_id == association_id)
        if await session.scalar(select(table.id).where(concerned, days).limit(1)) is not None:
            return True
    return False


def _members() -> Select[Membership]:
    return select(Membership).options(
        selectinload(Membership.body),
        selectinload(Membership.joined),
        selectinload(Membership.place),
    )


async def members(
    session: AsyncSession, association_id: UUID, *, on: date | None, after: UUID | None, limit: int
) -> Sequence[Membership]:
    statement = (
        _members()
        .where(Membership.association_id == association_id, Membership.id > (after or NIL))
        .order_by(Membership.id)
        .limit(limit)
    )
    if on is not None:
        statement = statement.where(_runs_on(Membership, on))
    return (await session.scalars(statement)).all()


async def membership(
    session: AsyncSession, association_id: UUID, membership_id: UUID
) -> Membership:
    """Locked until the transaction ends."""
    statement = _members().where(
        Membership.id == membership_id, Membership.association_id == association_id
    )
    found = await session.scalar(statement.with_for_update(of=Membership))
    if found is None:
        raise MembershipNotFound(f"the association has no membership {membership_id}")
    return found


async def of_office(session: AsyncSession, office: Office) -> Sequence[Membership]:
    """The latest first, `OF_OFFICE_MAX` at most."""
    statement = (
        _members()
        .where(Membership.office_id == office.id)
        .order_by(Membership.valid_from.desc())
        .limit(OF_OFFICE_MAX)
    )
    return (await session.scalars(statement)).all()


async def spans_of_member(
    session: AsyncSession, *, office_id: int | None, member_id: UUID | None
) -> list[Span]:
    concerned = (
        Membership.member_id == member_id
        if office_id is None
        else Membership.office_id == office_id
    )
    rows = await session.execute(
        select(Membership.valid_from, Membership.valid_until)
        .where(concerned)
        .order_by(Membership.valid_from)
    )
    return [Span(first, last) for first, last in rows]


async def representatives(
    session: AsyncSession, association_id: UUID, *, on: date | None, after: UUID | None, limit: int
) -> Sequence[Representative]:
    statement = (
        select(Representative)
        .where(Representative.association_id == association_id, Representative.id > (after or NIL))
        .order_by(Representative.id)
        .limit(limit)
        .options(selectinload(Representative.detail))
    )
    if on is not None:
        statement = statement.where(_runs_on(Representative, on))
    return (await session.scalars(statement)).all()


async def representative(
    session: AsyncSession, association_id: UUID, representative_id: UUID
) -> Representative:
    """Locked until the transaction ends."""
    statement = (
        select(Representative)
        .where(
            Representative.id == representative_id,
            Representative.association_id == association_id,
        )
        .options(selectinload(Representative.detail))
        .with_for_update()
    )
    found = await session.scalar(statement)
    if found is None:
        raise RepresentativeNotFound(f"the association has no representative {representative_id}")
    return found


async def forget(session: AsyncSession, representative: Representative) -> None:
    """Delete who a representative is, here and in the seat of the working group."""
    await session.execute(
        delete(RepresentativeDetail).where(
            RepresentativeDetail.representative_id == representative.id
        )
    )
    await session.execute(
        delete(MemberPerson).where(MemberPerson.member_id == representative.member_id)
    )
    set_committed_value(representative, "detail", None)


def _runs_on(table: Any, day: date) -> ColumnElement[bool]:
    return and_(table.valid_from <= day, or_(table.valid_until.is_(None), table.valid_until >= day))
