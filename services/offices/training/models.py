"""Tables of training. A certificate stays as recorded; it may be withdrawn."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from services.offices.base import Base


class Course(Base):
    __tablename__ = "course"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]
    validity_months: Mapped[int | None] = mapped_column(SmallInteger)
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Certificate(Base):
    """`warned_days`: the last of 60, 30 and 7 days ahead at which its expiry was told."""

    __tablename__ = "certificate"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    personnel_number: Mapped[str] = mapped_column(ForeignKey("person.personnel_number"))
    course: Mapped[str] = mapped_column(ForeignKey("course.code"))
    number: Mapped[str]
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    warned_days: Mapped[int | None] = mapped_column(SmallInteger)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
    recorded_by: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_certificate_person", "personnel_number", "course", "id"),
        Index("ix_certificate_expires_on_id", "expires_on", "id"),
        Index(
            "uq_certificate_number",
            "course",
            "number",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )
