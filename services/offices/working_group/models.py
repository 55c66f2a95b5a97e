"""Tables of the working group. The app's role may only add to ballots, stakes and minutes.

Two constraints are in the migration alone, being exclusions: compositions do not overlap, and
neither do the members of one seat.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.base import Base
from services.offices.working_group.domain import (
    Choice,
    ItemOutcome,
    Majority,
    MeetingStatus,
    Rules,
    SubjectKind,
    saturation_path,
)


class Seat(Base):
    __tablename__ = "seat"

    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]


class Composition(Base):
    """Who sits in the working group from when to when, both days included."""

    __tablename__ = "composition"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    quorum: Mapped[int]
    majority: Mapped[Majority] = mapped_column(Text)
    paper_reference: Mapped[str]
    version: Mapped[int]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    seats: Mapped[list["CompositionSeat"]] = relationship(
        lazy="raise", order_by="CompositionSeat.seat"
    )

    @property
    def rules(self) -> Rules:
        voting = frozenset(seat.seat for seat in self.seats if seat.vote)
        return Rules(self.quorum, self.majority, voting)


class CompositionSeat(Base):
    """A seat without a vote is an observer's."""

    __tablename__ = "composition_seat"

    composition_id: Mapped[UUID] = mapped_column(ForeignKey("composition.id"), primary_key=True)
    seat: Mapped[str] = mapped_column(ForeignKey("seat.slug"), primary_key=True)
    vote: Mapped[bool]
    chair: Mapped[bool]

    __table_args__ = (
        Index(
            "uq_composition_seat_chair",
            "composition_id",
            unique=True,
            postgresql_where=text("chair"),
        ),
    )

    @property
    def observer(self) -> bool:
        return not self.vote


class Member(Base):
    """Who holds a seat from when to when; the person is apart."""

    __tablename__ = "member"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seat: Mapped[str] = mapped_column(ForeignKey("seat.slug"))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    version: Mapped[int]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    person: Mapped["MemberPerson | None"] = relationship(lazy="raise")


class MemberPerson(Base):
    __tablename__ = "member_person"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), primary_key=True)
    name: Mapped[str]
    phone: Mapped[str | None]


class Meeting(Base):
    """`composition_id` is the composition in force on the day the meeting was opened."""

    __tablename__ = "meeting"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[MeetingStatus] = mapped_column(Text)
    scheduled_for: Mapped[datetime]
    place: Mapped[str]
    composition_id: Mapped[UUID | None] = mapped_column(ForeignKey("composition.id"))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_meeting_scheduled_for", "scheduled_for", "id"),
        Index("ix_meeting_status", "status", "scheduled_for", "id"),
    )


class Attendance(Base):
    __tablename__ = "attendance"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    seat: Mapped[str] = mapped_column(ForeignKey("seat.slug"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    present: Mapped[bool]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


class AgendaItem(Base):
    """One matter of one subject; `place` says where an application's office is to be."""

    __tablename__ = "agenda_item"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"))
    nth: Mapped[int]
    subject_kind: Mapped[SubjectKind] = mapped_column(Text)
    subject_id: Mapped[UUID] = mapped_column(index=True)
    matter: Mapped[str]
    place: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    outcome: Mapped[ItemOutcome | None] = mapped_column(Text)
    present: Mapped[int | None]
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    abstentions: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]

    ballots: Mapped[list["Ballot"]] = relationship(lazy="raise", order_by="Ballot.seat")

    __table_args__ = (
        UniqueConstraint("meeting_id", "nth", name="uq_agenda_item_meeting_id"),
        Index(
            "uq_agenda_item_open",
            "subject_id",
            "matter",
            unique=True,
            postgresql_where=text("outcome IS NULL"),
        ),
    )

    @property
    def saturation(self) -> str | None:
        return saturation_path(self.place)


class Ballot(Base):
    __tablename__ = "ballot"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"), primary_key=True)
    seat: Mapped[str] = mapped_column(ForeignKey("seat.slug"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    choice: Mapped[Choice] = mapped_column(Text)
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


class Stake(Base):
    """A member's own interest in a subject, as declared."""

    __tablename__ = "stake"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_kind: Mapped[SubjectKind] = mapped_column(Text)
    reason: Mapped[str]
    declared_by: Mapped[str]
    declared_at: Mapped[datetime]


class Minutes(Base):
    """`sha256` is of the text's UTF-8 bytes; the database checks it."""

    __tablename__ = "minutes"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    text: Mapped[str]
    sha256: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
