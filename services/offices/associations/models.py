"""Tables of the associations. What was recorded stays; the app's role may only write its end."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnClause, ForeignKey, Index, Text, literal_column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.associations.domain import Level
from services.offices.base import Base
from services.offices.registry.models import Office
from shared.validity import Span

PERIOD: ColumnClause[Any] = literal_column("daterange(valid_from, valid_until, '[]')")
UUIDV7 = text("uuidv7()")


class Association(Base):
    __tablename__ = "association"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=UUIDV7)
    level: Mapped[Level] = mapped_column(Text)
    name: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str]
    province: Mapped[str | None]
    registration_number: Mapped[str | None]
    founded_on: Mapped[date | None]
    dissolved_on: Mapped[date | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index(
            "uq_association_federation",
            "level",
            unique=True,
            postgresql_where=text("level = 'federation' AND dissolved_on IS NULL"),
        ),
    )


class _Dated:
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    end_reason: Mapped[str | None]
    recorded_by: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def span(self) -> Span:
        return Span(self.valid_from, self.valid_until)


class Membership(_Dated, Base):
    """Of an office (`office_id`) or of a provincial association (`member_id`), one of the two."""

    __tablename__ = "membership"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=UUIDV7)
    association_id: Mapped[UUID] = mapped_column(ForeignKey("association.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("association.id"))

    body: Mapped[Association] = relationship(lazy="raise", foreign_keys=[association_id])
    joined: Mapped[Association | None] = relationship(lazy="raise", foreign_keys=[member_id])
    place: Mapped[Office | None] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_membership_association_id_id", "association_id", "id"),
        ExcludeConstraint(("office_id", "="), (PERIOD, "&&"), name="ex_membership_office_id"),
        ExcludeConstraint(("member_id", "="), (PERIOD, "&&"), name="ex_membership_member_id"),
    )

    @property
    def association_name(self) -> str:
        return self.body.name

    @property
    def office(self) -> str | None:
        return self.place.code if self.place else None

    @property
    def association(self) -> UUID | None:
        return self.member_id

    @property
    def name(self) -> str:
        """Of the member."""
        member = self.place or self.joined
        assert member is not None  # noqa: S101 - one of the two, says the table
        return member.name


class RepresentativeDetail(Base):
    """Who it is: erasable, the rest is not."""

    __tablename__ = "representative_detail"

    representative_id: Mapped[UUID] = mapped_column(
        ForeignKey("representative.id"), primary_key=True
    )
    name: Mapped[str]
    mobile: Mapped[str | None]


class Representative(_Dated, Base):
    """`seat`: the one of the working group that this person fills, if any, as its `member_id`."""

    __tablename__ = "representative"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=UUIDV7)
    association_id: Mapped[UUID] = mapped_column(ForeignKey("association.id"))
    seat: Mapped[str | None] = mapped_column(ForeignKey("seat.slug"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id"), unique=True)

    detail: Mapped[RepresentativeDetail | None] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_representative_association_id_id", "association_id", "id"),
        ExcludeConstraint(("seat", "="), (PERIOD, "&&"), name="ex_representative_seat"),
    )

    @property
    def name(self) -> str | None:
        return self.detail.name if self.detail else None

    @property
    def mobile(self) -> str | None:
        return self.detail.mobile if self.detail else None
