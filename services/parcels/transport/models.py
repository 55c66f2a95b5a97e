"""Lines: a scheduled route between offices, with its timetable on the days it is valid."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Integer, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class LineVersion(Base):
    """A line's timetable from a day on; `days`: bit n is the weekday n of `date.weekday()`.

    `calls`: office, and minutes since midnight of the line's day at which it arrives and departs.
    """

    __tablename__ = "line"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_until: Mapped[date | None] = mapped_column(Date)
    name: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    days: Mapped[int] = mapped_column(SmallInteger)
    calls: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    capacity_items: Mapped[int] = mapped_column(Integer)
    capacity_kg: Mapped[int] = mapped_column(Integer)
    distance_km: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)
