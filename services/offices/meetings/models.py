"""Tables of the working group's meetings. Ballots, stakes and minutes are only added to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.base import Base
from services.offices.meetings.domain import (
    Choice,
    ItemOutcome,
    MeetingStatus,
    SubjectKind,
    saturation_path,
)


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
