"""Tables of the applications, their applicants (apart) and the inquiries about them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.applications.domain import Answer, InquiryKind, State
from services.offices.base import Base
from services.offices.licensing.domain import AppliedKind
from services.offices.registry.models import Office, Town


class Application(Base):
    """For a new office (`proposal`, as the registry asks for one) or for one that exists."""

    __tablename__ = "application"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[AppliedKind] = mapped_column(Text)
    state: Mapped[State] = mapped_column(Text)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    proposal: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    town: Mapped[str] = mapped_column(ForeignKey("town.slug"))
    latitude: Mapped[float]
    longitude: Mapped[float]
    services: Mapped[list[str]] = mapped_column(ARRAY(Text))
    licence_id: Mapped[UUID | None] = mapped_column(ForeignKey("licence.id"))
    version: Mapped[int]
    created_by: Mapped[str]
    filed_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    place: Mapped[Town] = relationship(lazy="raise")
    site: Mapped[Office | None] = relationship(lazy="raise")
    applicant: Mapped["Applicant | None"] = relationship(lazy="raise")
    inquiries: Mapped[list["Inquiry"]] = relationship(
        lazy="raise", order_by="Inquiry.kind, Inquiry.round"
    )

    __table_args__ = (
        Index("ix_application_filed_at", "filed_at", "id"),
        Index("ix_application_updated_at", "updated_at", "id"),
        Index("ix_application_state", "state", "filed_at", "id"),
    )

    @property
    def office(self) -> str | None:
        return None if self.site is None else self.site.code

    @property
    def county(self) -> str:
        return self.place.county


class Applicant(Base):
    """The person or company that applies, apart so that it can be erased."""

    __tablename__ = "applicant"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    name: Mapped[str]
    national_id: Mapped[str | None]
    legal_id: Mapped[str | None]
    phone: Mapped[str]


class Inquiry(Base):
    """One question to one body; asked anew (the next round) after an unfavourable answer."""

    __tablename__ = "inquiry"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[InquiryKind] = mapped_column(Text)
    round: Mapped[int]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answer: Mapped[Answer | None] = mapped_column(Text)
    reference: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    overdue_told_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("application_id", "kind", "round", name="uq_inquiry_application_id"),
        Index("ix_inquiry_due_at", "due_at", "id", postgresql_where=text("answer IS NULL")),
    )


class InquiryTerm(Base):
    """How many days an inquiry of a kind may take, from a day on."""

    __tablename__ = "inquiry_term"

    kind: Mapped[InquiryKind] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int]
    source: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
