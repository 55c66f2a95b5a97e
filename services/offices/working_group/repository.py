"""All SQL of the working group's composition and members."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from services.offices.working_group.errors import CompositionNotFound, MemberNotFound
from services.offices.working_group.models import Composition, Member, Seat

SEATS_LISTED_MAX: Final = 500
COMPOSITIONS_LOCK: Final = 0x5053_0008
"""Compositions and members are changed one at a time: each may end the one before it."""


async def lock_compositions(session: AsyncSession) -> None:
    statement = text("SELECT pg_advisory_xact_lock(:n)")
    await session.execute(statement, {"n": COMPOSITIONS_LOCK})


async def seats(session: AsyncSession) -> Sequence[Seat]:
    return (await session.scalars(select(Seat).order_by(Seat.slug).limit(SEATS_LISTED_MAX))).all()


async def unknown_seats(session: AsyncSession, slugs: Collection[str]) -> set[str]:
    found = await session.scalars(select(Seat.slug).where(Seat.slug.in_(slugs)))
    return set(slugs) - set(found)


async def put_seat(session: AsyncSession, slug: str, name: str, name_en: str) -> None:
    values = {"name": name, "name_en": name_en}
    statement = insert(Seat).values(slug=slug, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=[Seat.slug], set_=values))


async def composition(session: AsyncSession, composition_id: UUID) -> Composition:
    found = await session.get(
        Composition, composition_id, options=[selectinload(Composition.seats)]
    )
    if found is None:
        raise CompositionNotFound(f"there is no composition {composition_id}")
    return found


async def composition_on(session: AsyncSession, day: date) -> Composition | None:
    statement = (
        select(Composition)
        .where(Composition.valid_from <= day, _still(Composition.valid_until, day))
        .options(selectinload(Composition.seats))
    )
    return await session.scalar(statement)


async def compositions_within(
    session: AsyncSession, first: date, last: date | None
) -> Sequence[Composition]:
    """Those in force on any of these days, the earliest first."""
    statement = select(Composition).where(_still(Composition.valid_until, first))
    statement = statement.options(selectinload(Composition.seats))
    if last is not None:
        statement = statement.where(Composition.valid_from <= last)
    return (await session.scalars(statement.order_by(Composition.valid_from))).all()


async def compositions(
    session: AsyncSession, *, after: date | None, limit: int
) -> Sequence[Composition]:
    statement = select(Composition).options(selectinload(Composition.seats))
    if after is not None:
        statement = statement.where(Composition.valid_from > after)
    return (await session.scalars(statement.order_by(Composition.valid_from).limit(limit))).all()


async def has_met(session: AsyncSession, composition_id: UUID, since: datetime) -> bool:
    """Whether a meeting was opened under a composition at or after an instant.

    In plain SQL, as the slice of the meetings builds on this one.
    """
    statement = text(
        "SELECT 1 FROM meeting WHERE composition_id = :composition AND opened_at >= :since LIMIT 1"
    )
    found = await session.execute(statement, {"composition": composition_id, "since": since})
    return found.first() is not None


async def member(session: AsyncSession, member_id: UUID, *, lock: bool = False) -> Member:
    statement = select(Member).where(Member.id == member_id)
    if lock:
        statement = statement.with_for_update()
    found = await session.scalar(statement.options(selectinload(Member.person)))
    if found is None:
        raise MemberNotFound(f"there is no member {member_id}")
    return found


async def member_of(session: AsyncSession, seat: str, day: date) -> Member | None:
    statement = select(Member).where(
        Member.seat == seat, Member.valid_from <= day, _still(Member.valid_until, day)
    )
    return await session.scalar(statement)


async def seat_is_held(
    session: AsyncSession, seat: str, first: date, last: date | None, *, but: UUID | None = None
) -> bool:
    """Whether some member holds the seat on any of these days."""
    statement = select(Member.id).where(Member.seat == seat, _still(Member.valid_until, first))
    if last is not None:
        statement = statement.where(Member.valid_from <= last)
    if but is not None:
        statement = statement.where(Member.id != but)
    return await session.scalar(statement.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class MemberFilter:
    seat: str | None = None
    on: date | None = None


async def members(
    session: AsyncSession, wanted: MemberFilter, *, after: UUID | None, limit: int
) -> Sequence[Member]:
    statement = select(Member).options(selectinload(Member.person))
    if wanted.seat is not None:
        statement = statement.where(Member.seat == wanted.seat)
    if wanted.on is not None:
        statement = statement.where(
            Member.valid_from <= wanted.on, _still(Member.valid_until, wanted.on)
        )
    if after is not None:
        statement = statement.where(Member.id > after)
    return (await session.scalars(statement.order_by(Member.id).limit(limit))).all()


def _still(valid_until: InstrumentedAttribute[date | None], day: date) -> ColumnElement[bool]:
    """Not over before the day."""
    return or_(valid_until.is_(None), valid_until >= day)
