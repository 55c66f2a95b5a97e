"""What the working group says and hears over the wire."""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.offices.working_group.domain import (
    SEATS_MAX,
    Choice,
    ItemOutcome,
    Majority,
    MeetingStatus,
    SubjectKind,
)
from shared.fields import Phone
from shared.text import text

Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))]
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC)),
]
SeatSlug = Annotated[
    str, Field(max_length=40, pattern=r"^[a-z]+(_[a-z]+)*$", examples=["regulator"])
]
Paper = Annotated[str, text(3, 200)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SeatRequest(_Request):
    name: Annotated[str, text(2, 120)]
    name_en: Annotated[str, text(2, 120)]


class CompositionSeatRequest(_Request):
    """`vote: false` is an observer."""

    seat: SeatSlug
    vote: bool
    chair: bool = False


class CompositionRequest(_Request):
    """A composition without an end ends the day before the next begins."""

    valid_from: Day
    valid_until: Day | None = None
    quorum: Annotated[int, Field(ge=1, le=SEATS_MAX)] = 2
    majority: Majority = "votes_cast"
    seats: Annotated[list[CompositionSeatRequest], Field(min_length=1, max_length=SEATS_MAX)]
    paper_reference: Paper


class MemberRequest(_Request):
    seat: SeatSlug
    name: Annotated[str, text(2, 200)]
    phone: Phone | None = None
    valid_from: Day
    valid_until: Day | None = None


class LeaveRequest(_Request):
    valid_until: Day


class MeetingRequest(_Request):
    scheduled_for: Moment
    place: Annotated[str, text(2, 200)]


class AttendanceRequest(_Request):
    present: bool


class VoteRequest(_Request):
    seat: SeatSlug
    choice: Choice


class StakeRequest(_Request):
    seat: SeatSlug
    reason: Annotated[str, text(3, 500)]


class MinutesRequest(_Request):
    text: Annotated[str, text(3, 200_000)]


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SeatOut(_Answer):
    slug: str
    name: str
    name_en: str


class SeatsOut(_Answer):
    items: list[SeatOut]


class CompositionSeatOut(_Answer):
    seat: str
    vote: bool
    chair: bool
    observer: bool


class CompositionOut(_Answer):
    id: UUID
    valid_from: date
    valid_until: date | None
    quorum: int
    majority: Majority
    seats: list[CompositionSeatOut]
    paper_reference: str
    version: int
    updated_at: datetime


class PersonOut(_Answer):
    name: str
    phone: str | None


class MemberOut(_Answer):
    """`person` is null once erased."""

    id: UUID
    seat: str
    valid_from: date
    valid_until: date | None
    person: PersonOut | None
    version: int
    updated_at: datetime


class MeetingOut(_Answer):
    id: UUID
    status: MeetingStatus
    scheduled_for: datetime
    place: str
    composition_id: UUID | None
    opened_at: datetime | None
    closed_at: datetime | None
    version: int
    updated_at: datetime


class AttendanceOut(_Answer):
    seat: str
    member_id: UUID
    present: bool


class BallotOut(_Answer):
    seat: str
    member_id: UUID
    choice: Choice
    recorded_at: datetime


class StakeOut(_Answer):
    member_id: UUID
    seat: str
    subject_kind: SubjectKind
    subject_id: UUID
    reason: str
    declared_at: datetime


class ItemOut(_Answer):
    """`saturation`: where the coverage of the place applied for is told, before and after."""

    id: UUID
    meeting_id: UUID
    nth: int
    subject_kind: SubjectKind
    subject_id: UUID
    matter: str
    place: dict[str, Any] | None
    saturation: str | None
    outcome: ItemOutcome | None
    present: int | None
    votes_for: int | None
    votes_against: int | None
    abstentions: int | None
    decided_at: datetime | None
    ballots: list[BallotOut]


class MeetingView(MeetingOut):
    """A meeting as it is before those who sit in it."""

    composition: CompositionOut | None
    attendance: list[AttendanceOut]
    items: list[ItemOut]
    stakes: list[StakeOut]
    minutes_sha256: str | None


class MinutesOut(_Answer):
    """`sha256` is of the document that GET answers, byte for byte."""

    meeting_id: UUID
    sha256: str
    recorded_at: datetime
