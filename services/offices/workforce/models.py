"""Tables of the workforce. What was recorded stays; of an assignment its end alone is written."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Identity, Index, Text, literal_column, text
from sqlalchemy.dialects.postgresql import BIGINT, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.base import Base
from services.offices.registry.models import Office
from services.offices.workforce.domain import Employment, Post, Role
from shared.validity import Span


class PersonDetail(Base):
    """Who it is: optional, and erasable without touching history."""

    __tablename__ = "person_detail"

    personnel_number: Mapped[str] = mapped_column(
        ForeignKey("person.personnel_number"), primary_key=True
    )
    name: Mapped[str | None]
    national_id: Mapped[str | None] = mapped_column(unique=True)
    mobile: Mapped[str | None]


class Assignment(Base):
    """`main`: counted; a person has one main assignment a day, and any number beside it.

    A void one was recorded by mistake: it stays on record and counts nowhere.
    """

    __tablename__ = "assignment"

    id: Mapped[int] = mapped_column(BIGINT, Identity(always=True), primary_key=True)
    personnel_number: Mapped[str] = mapped_column(ForeignKey("person.personnel_number"))
    employment: Mapped[Employment] = mapped_column(Text)
    role: Mapped[Role] = mapped_column(Text)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    main: Mapped[bool]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    end_reason: Mapped[str | None]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    recorded_by: Mapped[str]
    created_at: Mapped[datetime]

    place: Mapped[Office] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_assignment_person", "personnel_number", "id"),
        Index("ix_assignment_office", "office_id", "personnel_number", "id"),
        Index("ix_assignment_role", "role", "personnel_number", "id"),
        Index(
            "ix_assignment_headcount",
            "valid_until",
            "valid_from",
            postgresql_include=["employment", "role", "office_id"],
            postgresql_where=text("main AND voided_at IS NULL"),
        ),
        ExcludeConstraint(
            ("personnel_number", "="),
            (literal_column("daterange(valid_from, valid_until, '[]')"), "&&"),
            where=text("main AND voided_at IS NULL"),
            name="ex_assignment_main",
        ),
    )

    @property
    def office(self) -> str:
        return self.place.code

    @property
    def post(self) -> Post:
        span = Span(self.valid_from, self.valid_until)
        void = self.voided_at is not None
        return Post(self.employment, self.role, self.office_id, self.main, span, void)


class Person(Base):
    """Someone who works or worked in the province's post, by the number the operator issued."""

    __tablename__ = "person"

    personnel_number: Mapped[str] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    detail: Mapped[PersonDetail | None] = relationship(lazy="raise")
