"""What the meetings say and hear over the wire."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.offices.meetings.domain import Choice, ItemOutcome, MeetingStatus, SubjectKind
from services.offices.working_group.schemas import CompositionOut, SeatSlug
from shared.text import text

Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC)),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


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
