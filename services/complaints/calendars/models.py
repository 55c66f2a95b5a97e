"""The calendar of the complaints desk: its weeks and single days, append-only, and holidays.

`DeskCalendar.changes` grows with whatever a due time depends on, so that running clocks are
reckoned anew.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Identity, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base


class DeskWeek(Base):
    """The usual hours from a day on, until the next; of two of a day the later record holds."""

    __tablename__ = "desk_week"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    valid_from: Mapped[date]
    hours: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]

    __table_args__ = (Index("ix_desk_week_valid_from", "valid_from", "id"),)


class DeskDay(Base):
    """The hours of one day in place of the week's (none: closed); null: as usual again."""

    __tablename__ = "desk_day"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    day: Mapped[date]
    intervals: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]

    __table_args__ = (Index("ix_desk_day_day", "day", "id"),)


class HolidaySaid(Base):
    """Whether a day is a holiday, whatever the library says; offices' word, by its events."""

    __tablename__ = "holiday_said"

    day: Mapped[date] = mapped_column(primary_key=True)
    holiday: Mapped[bool] = mapped_column(Boolean)


class DeskCalendar(Base):
    __tablename__ = "desk_calendar"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    changes: Mapped[int] = mapped_column(BigInteger)
