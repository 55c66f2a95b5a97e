"""What the desk's calendar tells, and our own copy of what offices tells of holidays."""

from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict

from shared.calendar import Hours

HOURS_SET: Final = "complaint_hours.set"
DAY_SET: Final = "complaint_day.set"
DAY_CLEARED: Final = "complaint_day.cleared"


class HoursState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    valid_from: date
    hours: Hours
    reason: str


class HoursEvent(BaseModel):
    complaint_hours: HoursState


class DayState(BaseModel):
    """`intervals` null: as usual again."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    intervals: list[str] | None
    reason: str


class DayEvent(BaseModel):
    complaint_day: DayState


HOLIDAY_SET: Final = "holiday.set"
HOLIDAY_CLEARED: Final = "holiday.cleared"


class HolidayPayload(BaseModel):
    day: date
    holiday: bool


class HolidayEvent(BaseModel):
    """`holiday.set`; of `holiday.cleared` the day alone counts: the library decides again."""

    holiday: HolidayPayload
