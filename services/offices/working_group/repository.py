"""All SQL of the working group."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.offices.working_group.domain import MeetingStatus
from services.offices.working_group.errors import (
    CompositionNotFound,
    ItemNotFound,
    MeetingNotFound,
    MemberNotFound,
)
from services.offices.working_group.models import (
    AgendaItem,
    Attendance,
    Composition,
    Meeting,
    Member,
    Minutes,
    Seat,
    Stake,
)

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
    await session.execute(
        statement.on_conflict_do_update(index_elements=[Seat.slug], set_=values)
    )


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
    """Whether a meeting was opened under a composition at or after an instant."""
    statement = select(Meeting.id).where(
        Meeting.composition_id == composition_id, Meeting.opened_at >= since
    )
    return await session.scalar(statement.limit(1)) is not None


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


async def meeting(session: AsyncSession, meeting_id: UUID, *, lock: bool = False) -> Meeting:
    statement = select(Meeting).where(Meeting.id == meeting_id)
    if lock:
        statement = statement.with_for_update()
    found = await session.scalar(statement)
    if found is None:
        raise MeetingNotFound(f"there is no meeting {meeting_id}")
    return found


async def meetings(
    session: AsyncSession,
    status: MeetingStatus | None,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Meeting]:
    """The newest first."""
    key = tuple_(Meeting.scheduled_for, Meeting.id)
    statement = select(Meeting)
    if status is not None:
        statement = statement.where(Meeting.status == status)
    if after is not None:
        statement = statement.where(key < after)
    statement = statement.order_by(Meeting.scheduled_for.desc(), Meeting.id.desc())
    return (await session.scalars(statement.limit(limit))).all()


async def attendance(session: AsyncSession, meeting_id: UUID) -> Sequence[Attendance]:
    statement = select(Attendance).where(Attendance.meeting_id == meeting_id)
    return (await session.scalars(statement.order_by(Attendance.seat))).all()


async def items(session: AsyncSession, meeting_id: UUID) -> Sequence[AgendaItem]:
    statement = select(AgendaItem).where(AgendaItem.meeting_id == meeting_id)
    statement = statement.options(selectinload(AgendaItem.ballots))
    return (await session.scalars(statement.order_by(AgendaItem.nth))).all()


async def item(session: AsyncSession, item_id: UUID) -> AgendaItem:
    statement = select(AgendaItem).where(AgendaItem.id == item_id)
    statement = statement.options(selectinload(AgendaItem.ballots))
    found = await session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise ItemNotFound(f"there is no item {item_id}")
    return found


async def lock_item(session: AsyncSession, item_id: UUID) -> tuple[Meeting, AgendaItem]:
    """An item and its meeting, whose row is the lock of all that happens in it."""
    meeting_id = (await item(session, item_id)).meeting_id
    locked = await meeting(session, meeting_id, lock=True)
    return locked, await item(session, item_id)


async def last_nth(session: AsyncSession, meeting_id: UUID) -> int:
    statement = select(func.max(AgendaItem.nth)).where(AgendaItem.meeting_id == meeting_id)
    return await session.scalar(statement) or 0


async def is_on_agenda(session: AsyncSession, subject_id: UUID, matter: str) -> bool:
    statement = select(AgendaItem.id).where(
        AgendaItem.subject_id == subject_id,
        AgendaItem.matter == matter,
        AgendaItem.outcome.is_(None),
    )
    return await session.scalar(statement) is not None


async def adjourn_items(
    session: AsyncSession, meeting_id: UUID, *, by: str, now: datetime
) -> Sequence[UUID]:
    """The items that nobody decided, adjourned."""
    statement = (
        update(AgendaItem)
        .where(AgendaItem.meeting_id == meeting_id, AgendaItem.outcome.is_(None))
        .values(outcome="adjourned", decided_at=now, decided_by=by)
        .returning(AgendaItem.id)
    )
    return (await session.scalars(statement)).all()


async def undecided_ballot(session: AsyncSession, meeting_id: UUID, seat: str) -> bool:
    """Whether a seat has voted on an item of the meeting that is not decided yet."""
    statement = text(
        "SELECT 1 FROM agenda_item JOIN ballot ON item_id = id WHERE meeting_id = :meeting"
        " AND outcome IS NULL AND seat = :seat LIMIT 1"
    )
    found = await session.execute(statement, {"meeting": meeting_id, "seat": seat})
    return found.first() is not None


async def stakes(
    session: AsyncSession, members_: Collection[UUID], subjects: Collection[UUID]
) -> Sequence[tuple[Stake, str]]:
    """What these members declared about these subjects, each with the member's seat."""
    statement = (
        select(Stake, Member.seat)
        .join(Member, Member.id == Stake.member_id)
        .where(Stake.member_id.in_(members_), Stake.subject_id.in_(subjects))
        .order_by(Member.seat, Stake.subject_id)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def minutes(session: AsyncSession, meeting_id: UUID) -> Minutes | None:
    return await session.get(Minutes, meeting_id)


async def minutes_hash(session: AsyncSession, meeting_id: UUID) -> str | None:
    statement = select(Minutes.sha256).where(Minutes.meeting_id == meeting_id)
    return await session.scalar(statement)


def _still(valid_until: object, day: date) -> object:
    """Not over before the day."""
    return or_(valid_until.is_(None), valid_until >= day)  # type: ignore[attr-defined, operator]
