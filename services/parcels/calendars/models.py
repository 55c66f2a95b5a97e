"""Replicas of the offices' calendars, kept by their events: weeks, exceptional days, holidays.

`Calendar.changes` grows with whatever a promise depends on, so that caches know when to read.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Identity, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class OfficeWeek(Base):
    """The usual hours from a day on, until the next; the first told hold for all days before."""

    __tablename__ = "office_week"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    hours: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(BigInteger)


class OfficeDay(Base):
    """The hours an office keeps on one day, in place of its week's; none: closed."""

    __tablename__ = "office_day"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    intervals: Mapped[list[str]] = mapped_column(ARRAY(Text))


class HolidaySaid(Base):
    """Whether a day is a holiday, whatever the library says."""

    __tablename__ = "holiday_said"

    day: Mapped[date] = mapped_column(primary_key=True)
    holiday: Mapped[bool] = mapped_column(Boolean)


class Calendar(Base):
    __tablename__ = "promise_calendar"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    changes: Mapped[int] = mapped_column(BigInteger)


class Sweep(Base):
    """A change of the calendar on its way through the items: those after `at_item` are to come."""

    __tablename__ = "promise_sweep"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    since: Mapped[datetime] = mapped_column(timestamp())
    office: Mapped[str | None] = mapped_column(Text)
    at_item: Mapped[int] = mapped_column(BigInteger)
