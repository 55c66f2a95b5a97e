"""Parcels' own copies of what offices tells of its calendars."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class _Copy(BaseModel):
    model_config = ConfigDict(extra="ignore")


class WeekPayload(_Copy):
    code: str
    hours: dict[str, list[str]]
    version: int


class WeekEvent(_Copy):
    """Any `office.*`."""

    office: WeekPayload


class DayPayload(_Copy):
    office: str
    day: date
    intervals: list[str]


class DayEvent(_Copy):
    """`office_exception.set`, `office_exception.cleared`."""

    exception: DayPayload


class HolidayPayload(_Copy):
    day: date
    holiday: bool


class HolidayEvent(_Copy):
    """`holiday.set`; of `holiday.cleared` the day alone counts: the library decides again."""

    holiday: HolidayPayload


DAY_SET, DAY_CLEARED = "office_exception.set", "office_exception.cleared"
HOLIDAY_SET, HOLIDAY_CLEARED = "holiday.set", "holiday.cleared"
CALENDAR_EVENTS = (DAY_SET, DAY_CLEARED, HOLIDAY_SET, HOLIDAY_CLEARED)
