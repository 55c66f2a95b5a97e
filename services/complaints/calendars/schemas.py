"""What the desk's calendar looks like on the wire."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, model_validator

from shared.calendar import Hours, Intervals
from shared.fields import Day
from shared.openings import DayRule
from shared.text import text

Reason = Annotated[str, text(3, 500)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewHours(_Request):
    """The desk's week from a day on: in an interval it works, between two it has a break."""

    valid_from: Day
    hours: Hours
    reason: Reason

    @model_validator(mode="after")
    def _works(self) -> Self:
        if not any(getattr(self.hours, day) for day in Hours.model_fields):
            raise ValueError("write hours for one day at least: no clock would ever run out")
        return self


class HoursOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    valid_from: date
    hours: Hours
    reason: str
    recorded_at: datetime


class DayIn(_Request):
    """The hours of one day in place of the week's, also of a holiday; none: closed."""

    intervals: Intervals
    reason: Reason


class DayOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    day: date
    intervals: list[str]
    reason: str
    recorded_at: datetime


class CalendarDay(BaseModel):
    """`rule`: what decides: the week's hours, an exception, or a holiday."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    jalali: str
    rule: DayRule
    intervals: list[str]


class CalendarOut(BaseModel):
    items: list[CalendarDay]
