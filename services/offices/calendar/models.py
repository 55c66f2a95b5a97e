"""Tables of the calendar: an office's exceptional days, and what is said about holidays."""

from datetime import date

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.offices.base import Base


class OfficeException(Base):
    """The hours of one day in place of the week's and of any holiday; none: closed."""

    __tablename__ = "office_exception"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    intervals: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reason: Mapped[str]


class HolidayOverride(Base):
    """What holds of a day whatever the library of holidays says."""

    __tablename__ = "holiday_override"

    day: Mapped[date] = mapped_column(primary_key=True)
    holiday: Mapped[bool]
    name: Mapped[str]
    reason: Mapped[str]
