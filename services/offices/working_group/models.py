"""Tables of the working group: seats, dated compositions, members.

Two constraints are in the migration alone, being exclusions: compositions do not overlap, and
neither do the members of one seat.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.base import Base
from services.offices.working_group.domain import Majority, Rules


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
