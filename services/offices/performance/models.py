"""Tables of performance: what offices did for principals, and its roll-up."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Date, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from services.offices.base import Base


class Performed(Base):
    """So many of a service at an office on a day of Tehran; the app's role may only add and read.

    `kind` is the office's when it was recorded; `flags` says what did not fit; a reversal is a row
    of its own with the negative count and the id of the record it `reverses`.
    """

    __tablename__ = "performed"

    record_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, server_default=text("uuidv7()"))
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    kind: Mapped[str]
    service: Mapped[str] = mapped_column(ForeignKey("delegated_service.code"))
    day: Mapped[date] = mapped_column(Date)
    count: Mapped[int]
    electronic: Mapped[bool] = mapped_column(Boolean)
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reverses: Mapped[UUID | None] = mapped_column(ForeignKey("performed.record_id"), unique=True)
    reason: Mapped[str | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_performed_office_id_day_record_id", "office_id", "day", "record_id"),
        Index("ix_performed_service_day_record_id", "service", "day", "record_id"),
    )


class PerformedDaily(Base):
    """The sums of `performed` by day, service, kind of office and channel; reports read these."""

    __tablename__ = "performed_daily"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    electronic: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class PerformedByOffice(Base):
    """Of services done for principals, the sums by day, office and channel: where it was."""

    __tablename__ = "performed_by_office"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    electronic: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
