"""Use cases of the working group's meetings: agenda, attendance, votes, decisions, minutes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.meetings import domain, repository
from services.offices.meetings.domain import MeetingStatus, SubjectKind
from services.offices.meetings.errors import (
    AgendaFull,
    HasVoted,
    ItemDecided,
    ItemOnAgenda,
    MeetingNotClosed,
    MeetingNotOpen,
    MeetingNotPlanned,
    MinutesNotFound,
    MinutesRecorded,
    SeatAbsent,
    SeatHasNoVote,
    SeatVacant,
    StakeDeclared,
    StakeKnown,
    VotesMissing,
)
from services.offices.meetings.models import AgendaItem, Attendance, Ballot, Meeting, Minutes, Stake
from services.offices.meetings.schemas import (
    AttendanceOut,
    ItemOut,
    MeetingOut,
    MeetingRequest,
    MeetingView,
    MinutesOut,
    Moment,
    StakeOut,
    StakeRequest,
    VoteRequest,
)
from services.offices.working_group import repository as working_group
from services.offices.working_group.errors import CompositionMissing, UnknownSeat
from services.offices.working_group.models import Composition
from services.offices.working_group.schemas import CompositionOut
from services.offices.working_group.service import tell
from shared import pagination
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.pagination import Page


async def plan(
    session: AsyncSession, wanted: MeetingRequest, *, caller: Caller, now: datetime
) -> MeetingOut:
    made = Meeting(
        **wanted.model_dump(),
        id=uuid4(),
        status="planned",
        version=1,
        created_by=caller.id,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    await tell(session, "meeting.planned", now, subject=made.id, meeting=made)
    return MeetingOut.model_validate(made)


async def open_meeting(session: AsyncSession, meeting_id: UUID, now: datetime) -> MeetingOut:
    """The composition in force today sits in it, whatever it is when the meeting goes on."""
    meeting = await repository.meeting(session, meeting_id, lock=True)
    if meeting.status != "planned":
        raise MeetingNotPlanned(f"the meeting is {meeting.status}")
    today = tehran_date(now)
    await working_group.lock_compositions(session)
    sitting = await working_group.composition_on(session, today)
    if sitting is None:
        raise CompositionMissing(f"record the composition of the working group on {today}")
    meeting.status, meeting.composition_id, meeting.opened_at = "open", sitting.id, now
    return await _changed(session, "meeting.opened", meeting, now)


async def close_meeting(
    session: AsyncSession, meeting_id: UUID, *, caller: Caller, now: datetime
) -> MeetingOut:
    """Items that were not decided are adjourned and may go on another agenda."""
    meeting = await _open(session, meeting_id)
    for item_id in await repository.adjourn_items(session, meeting.id, by=caller.id, now=now):
        item = await repository.item(session, item_id)
        await tell(session, "item.adjourned", now, subject=item_id, item=item)
    meeting.status, meeting.closed_at = "closed", now
    return await _changed(session, "meeting.closed", meeting, now)


async def _open(session: AsyncSession, meeting_id: UUID) -> Meeting:
    return _check_open(await repository.meeting(session, meeting_id, lock=True))


def _check_open(meeting: Meeting) -> Meeting:
    if meeting.status != "open":
        raise MeetingNotOpen(f"the meeting is {meeting.status}")
    return meeting


async def _changed(
    session: AsyncSession, event: str, meeting: Meeting, now: datetime
) -> MeetingOut:
    meeting.version += 1
    meeting.updated_at = now
    await tell(session, event, now, subject=meeting.id, meeting=meeting)
    return MeetingOut.model_validate(meeting)


async def _composition_of(session: AsyncSession, meeting: Meeting) -> Composition:
    assert meeting.composition_id is not None  # noqa: S101 - every opened meeting has one
    return await working_group.composition(session, meeting.composition_id)


async def attend(
    session: AsyncSession,
    meeting_id: UUID,
    seat: str,
    *,
    present: bool,
    caller: Caller,
    now: datetime,
) -> AttendanceOut:
    """Who holds the seat today comes or goes; nobody leaves with a vote on an undecided item."""
    meeting = await _open(session, meeting_id)
    sitting = await _composition_of(session, meeting)
    if seat not in {each.seat for each in sitting.seats}:
        raise UnknownSeat(f"the composition of this meeting has no seat {seat}")
    member = await working_group.member_of(session, seat, tehran_date(now))
    if member is None:
        raise SeatVacant(f"nobody holds the seat {seat}: add its member first")
    if not present and await repository.undecided_ballot(session, meeting.id, seat):
        raise HasVoted(f"{seat} has voted on an item that is yet to be decided: decide it first")
    row = await session.merge(
        Attendance(
            meeting_id=meeting.id,
            seat=seat,
            member_id=member.id,
            present=present,
            recorded_by=caller.id,
            recorded_at=now,
        )
    )
    await tell(session, "attendance.recorded", now, subject=meeting.id, attendance=row)
    return AttendanceOut.model_validate(row)


async def add_item(
    session: AsyncSession,
    meeting_id: UUID,
    subject: tuple[SubjectKind, UUID],
    matter: str,
    place: Mapping[str, Any] | None,
    *,
    caller: Caller,
    now: datetime,
) -> ItemOut:
    """Put a subject that the caller has locked on an agenda; its slice knows if it may be there."""
    meeting = await repository.meeting(session, meeting_id, lock=True)
    if meeting.status == "closed":
        raise MeetingNotOpen("the meeting is closed")
    kind, subject_id = subject
    if await repository.is_on_agenda(session, subject_id, matter):
        raise ItemOnAgenda(f"{matter} of this {kind} is on an agenda and not decided yet")
    nth = await repository.last_nth(session, meeting.id) + 1
    if nth > domain.ITEMS_MAX:
        raise AgendaFull(f"an agenda has at most {domain.ITEMS_MAX} items: plan another meeting")
    made = AgendaItem(
        id=uuid4(),
        meeting_id=meeting.id,
        nth=nth,
        subject_kind=kind,
        subject_id=subject_id,
        matter=matter,
        place=dict(place) if place is not None else None,
        ballots=[],
        created_by=caller.id,
        created_at=now,
    )
    session.add(made)
    await tell(session, "item.added", now, subject=made.id, item=made)
    return ItemOut.model_validate(made)


async def vote(
    session: AsyncSession, item_id: UUID, wanted: VoteRequest, *, caller: Caller, now: datetime
) -> ItemOut:
    """One vote per seat and item, for good; a member with a stake may only abstain."""
    meeting, item = await _undecided(session, item_id)
    member_id = await _seated(session, meeting, wanted.seat)
    if wanted.seat not in (await _composition_of(session, meeting)).rules.voting_seats:
        raise SeatHasNoVote(f"the seat {wanted.seat} observes: it has no vote")
    if wanted.seat in {ballot.seat for ballot in item.ballots}:
        raise HasVoted(f"{wanted.seat} has voted on this item; a vote stands")
    for stake, _ in await repository.stakes(session, [member_id], [item.subject_id]):
        if wanted.choice != "abstain":
            raise StakeDeclared(
                f"{wanted.seat} declared a stake ({stake.reason}): it may only abstain"
            )
    ballot = Ballot(
        item_id=item.id,
        seat=wanted.seat,
        member_id=member_id,
        choice=wanted.choice,
        recorded_by=caller.id,
        recorded_at=now,
    )
    session.add(ballot)
    await tell(session, "vote.cast", now, subject=item.id, vote=ballot)
    return ItemOut.model_validate(await repository.item(session, item.id))


async def _undecided(session: AsyncSession, item_id: UUID) -> tuple[Meeting, AgendaItem]:
    meeting, item = await repository.lock_item(session, item_id)
    _check_open(meeting)
    if item.outcome is not None:
        raise ItemDecided(f"the item is {item.outcome}")
    return meeting, item


async def _seated(session: AsyncSession, meeting: Meeting, seat: str) -> UUID:
    """The member who is present for a seat."""
    for row in await repository.attendance(session, meeting.id):
        if row.seat == seat and row.present:
            return row.member_id
    raise SeatAbsent(f"{seat} is not recorded as present: record its attendance first")


async def declare_stake(
    session: AsyncSession, item_id: UUID, wanted: StakeRequest, *, caller: Caller, now: datetime
) -> StakeOut:
    """The member has it in the subject wherever it is on an agenda; a vote cast counts no more."""
    meeting, item = await _undecided(session, item_id)
    member_id = await _seated(session, meeting, wanted.seat)
    await working_group.lock_compositions(session)  # the subject may be before two meetings
    if await repository.stakes(session, [member_id], [item.subject_id]):
        raise StakeKnown(f"{wanted.seat} declared a stake in this {item.subject_kind} before")
    made = Stake(
        member_id=member_id,
        subject_id=item.subject_id,
        subject_kind=item.subject_kind,
        reason=wanted.reason,
        declared_by=caller.id,
        declared_at=now,
    )
    session.add(made)
    await tell(session, "stake.declared", now, subject=item.id, stake=made)
    return _stake(made, wanted.seat)


def _stake(stake: Stake, seat: str) -> StakeOut:
    return StakeOut.model_validate(
        {name: getattr(stake, name, None) for name in StakeOut.model_fields} | {"seat": seat}
    )


async def decide(session: AsyncSession, item_id: UUID, *, caller: Caller, now: datetime) -> ItemOut:
    """Count the votes of an item, once; without quorum nothing is decided on the subject."""
    meeting, item = await _undecided(session, item_id)
    rules = (await _composition_of(session, meeting)).rules
    attendance = await repository.attendance(session, meeting.id)
    present = {row.seat: row.member_id for row in attendance if row.present}
    stakes = await repository.stakes(session, list(present.values()), [item.subject_id])
    ballots = {ballot.seat: ballot.choice for ballot in item.ballots}
    counted = domain.tally(rules, present, ballots, {seat for _, seat in stakes})
    if counted.outcome != "no_quorum" and (missing := domain.silent(rules, present, ballots)):
        raise VotesMissing(f"yet to vote: {', '.join(missing)}")
    item.outcome = counted.outcome
    item.present = counted.present
    item.votes_for, item.votes_against = counted.votes_for, counted.votes_against
    item.abstentions = counted.abstentions
    item.decided_at, item.decided_by = now, caller.id
    await tell(session, "item.decided", now, subject=item.id, item=item)
    return ItemOut.model_validate(item)


async def meetings(
    session: AsyncSession, status: MeetingStatus | None, page: Page
) -> tuple[list[MeetingOut], str | None]:
    rows = await repository.meetings(
        session, status, after=after_instant(page), limit=page.limit + 1
    )
    shown, following = pagination.cut(
        rows, page, lambda row: [row.scheduled_for.isoformat(), str(row.id)]
    )
    return [MeetingOut.model_validate(row) for row in shown], following


def after_instant(page: Page) -> tuple[datetime, UUID] | None:
    """The sort key of a list by an instant and an id."""
    try:
        return None if page.after is None else _CURSOR.validate_python(page.after)
    except ValidationError:
        raise pagination.not_a_cursor() from None


_CURSOR: Final[TypeAdapter[tuple[datetime, UUID]]] = TypeAdapter(tuple[Moment, UUID])


async def view(session: AsyncSession, meeting_id: UUID) -> MeetingView:
    meeting = await repository.meeting(session, meeting_id)
    attendance = await repository.attendance(session, meeting.id)
    items = await repository.items(session, meeting.id)
    stakes = await repository.stakes(
        session, [row.member_id for row in attendance], {item.subject_id for item in items}
    )
    sitting = await _composition_of(session, meeting) if meeting.composition_id else None
    return MeetingView.model_validate(
        MeetingOut.model_validate(meeting).model_dump()
        | {
            "composition": sitting and CompositionOut.model_validate(sitting),
            "attendance": attendance,
            "items": items,
            "stakes": [_stake(stake, seat) for stake, seat in stakes],
            "minutes_sha256": await repository.minutes_hash(session, meeting.id),
        }
    )


async def record_minutes(
    session: AsyncSession, meeting_id: UUID, text: str, *, caller: Caller, now: datetime
) -> MinutesOut:
    """The minutes of a closed meeting, for good: what was wrong, the next meeting's say."""
    meeting = await repository.meeting(session, meeting_id, lock=True)
    if meeting.status != "closed":
        raise MeetingNotClosed(f"the meeting is {meeting.status}: close it first")
    if await repository.minutes_hash(session, meeting.id):
        raise MinutesRecorded("the minutes of a meeting are recorded once")
    document = domain.canonical(text)
    made = Minutes(
        meeting_id=meeting.id,
        text=document,
        sha256=domain.content_hash(document),
        recorded_by=caller.id,
        recorded_at=now,
    )
    session.add(made)
    await tell(session, "minutes.recorded", now, subject=meeting.id, minutes=made)
    return MinutesOut.model_validate(made)


async def minutes(session: AsyncSession, meeting_id: UUID) -> Minutes:
    await repository.meeting(session, meeting_id)
    found = await repository.minutes(session, meeting_id)
    if found is None:
        raise MinutesNotFound("the meeting has no minutes yet")
    return found
