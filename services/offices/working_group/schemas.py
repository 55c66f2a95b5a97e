"""What the working group says and hears over the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.offices.working_group.domain import SEATS_MAX, Majority
from shared.fields import Day, Phone
from shared.text import text

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
