"""All SQL of the meetings."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.offices.meetings.domain import MeetingStatus
from services.offices.meetings.errors import ItemNotFound, MeetingNotFound
from services.offices.meetings.models import AgendaItem, Attendance, Meeting, Minutes, Stake
from services.offices.working_group.models import Member


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
