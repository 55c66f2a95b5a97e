"""The Jalali calendar and Tehran's clock: periods of reports, opening hours of offices."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from typing_extensions import override

from shared.text import fold_digits

TEHRAN: Final = ZoneInfo("Asia/Tehran")
YEAR_MIN, YEAR_MAX = 1300, 1500
_WHOLE_HALF_HOURS: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""Since then at the latest Tehran's days begin on a half hour of UTC."""
_HALF_HOUR_S: Final = 1800

_PERIOD = re.compile(r"([0-9]{4})(?:-H([12])|-([0-9]{2})(?:-([0-9]{2}))?)?")
_PERIOD_HELP = "Write a Jalali period as 1397, 1398-H1, 1397-05 or 1397-05-12"


def _in_tehran(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(TEHRAN)


def tehran_date(instant: datetime) -> date:
    """The Gregorian date in Tehran at an aware instant."""
    if instant.tzinfo is not None and instant >= _WHOLE_HALF_HOURS:
        return _date_of(int((instant - _WHOLE_HALF_HOURS).total_seconds()) // _HALF_HOUR_S)
    return _in_tehran(instant).date()


@lru_cache(maxsize=100_000)
def _date_of(half_hour: int) -> date:
    """Of the n-th half hour; consumers ask for each event's, and conversion takes microseconds."""
    return _in_tehran(_WHOLE_HALF_HOURS + timedelta(seconds=half_hour * _HALF_HOUR_S)).date()


@lru_cache(maxsize=4096)
def jalali_text(day: date) -> str:
    """A Gregorian date as 1397-05-12."""
    jalali = JalaliDate.to_jalali(day)  # type: ignore[no-untyped-call]  # persiantools
    return f"{jalali.year:04d}-{jalali.month:02d}-{jalali.day:02d}"


def jalali_date(instant: datetime) -> str:
    """The date in Tehran at an aware instant, as 1397-05-12."""
    return jalali_text(tehran_date(instant))


@lru_cache(maxsize=10_000)
def month_start(day: date) -> date:
    """The Gregorian date of the first of a day's Jalali month; of any year, long past ones too."""
    jalali = JalaliDate.to_jalali(day)  # type: ignore[no-untyped-call]  # persiantools
    return _gregorian(jalali.year, jalali.month, 1)


def day_start(day: date) -> datetime:
    """The first instant of a day in Tehran, in UTC.

    Where summer time skipped midnight, fold 0 reads 00:00 with the winter offset: the very change.
    """
    return datetime.combine(day, time(), TEHRAN).astimezone(UTC)


@dataclass(frozen=True)
class Period:
    """A Jalali year, half, month or day, half-open: [start, end) and [start_at, end_at)."""

    year: int
    half: int | None = None
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        # One year below what parse() takes, for previous().
        if not YEAR_MIN - 1 <= self.year <= YEAR_MAX:
            raise ValueError(f"The Jalali year must be between {YEAR_MIN} and {YEAR_MAX}")
        if (self.half and self.month) or (self.day is not None and self.month is None):
            raise ValueError(_PERIOD_HELP)
        if self.half not in {None, 1, 2} or self.month not in {None, *range(1, 13)}:
            raise ValueError("A half is H1 or H2, a month is 01 to 12")
        if self.month and self.day is not None:
            last = _days_in_month(self.year, self.month)
            if not 1 <= self.day <= last:
                raise ValueError(f"That Jalali month has {last} days")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Any digits; ValueError names the forms."""
        shape = _PERIOD.fullmatch(fold_digits(text).strip().upper())
        if shape is None:
            raise ValueError(_PERIOD_HELP)
        year, half, month, day = (None if part is None else int(part) for part in shape.groups())
        if year is None or year < YEAR_MIN:
            raise ValueError(f"The Jalali year must be between {YEAR_MIN} and {YEAR_MAX}")
        return cls(year, half, month, day)

    @override
    def __str__(self) -> str:
        half = f"-H{self.half}" if self.half else ""
        month = f"-{self.month:02d}" if self.month else ""
        return f"{self.year:04d}{half}{month}" + (f"-{self.day:02d}" if self.day else "")

    @property
    def start(self) -> date:
        """The first Gregorian date."""
        return _gregorian(self.year, self._first_month, self.day or 1)

    @property
    def end(self) -> date:
        """The Gregorian date after the last."""
        if self.day:
            return self.start + timedelta(days=1)
        year, month = divmod(self._first_month - 1 + self._month_count, 12)
        return _gregorian(self.year + year, month + 1, 1)

    @property
    def start_at(self) -> datetime:
        """The first instant, in UTC."""
        return day_start(self.start)

    @property
    def end_at(self) -> datetime:
        """The first instant after it, in UTC."""
        return day_start(self.end)

    def previous(self) -> Self:
        """The same period one year before; before 30 Esfand of a leap year comes the 29th."""
        day = self.day
        if day and self.month:
            day = min(day, _days_in_month(self.year - 1, self.month))
        return type(self)(self.year - 1, self.half, self.month, day)

    def months(self) -> "Iterator[Period]":
        """The months of a year, half or month; a day has none."""
        for month in range(self._first_month, self._first_month + self._month_count):
            yield Period(self.year, month=month)

    def days(self) -> "Iterator[Period]":
        """Each day, as a period."""
        if self.day:
            yield self
        for period in self.months():
            for day in range(1, (period.end - period.start).days + 1):
                yield Period(self.year, month=period.month, day=day)

    @property
    def _first_month(self) -> int:
        return self.month or (7 if self.half == 2 else 1)

    @property
    def _month_count(self) -> int:
        if self.day:
            return 0
        return 1 if self.month else 6 if self.half else 12


def _gregorian(year: int, month: int, day: int) -> date:
    converted: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]  # persiantools
    return converted


def _days_in_month(year: int, month: int) -> int:
    days: int = JalaliDate.days_in_month(month, year)
    return days


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # in the order of date.weekday()
_INTERVAL = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")


def _interval(text: str) -> str:
    shape = _INTERVAL.fullmatch(fold_digits(text).replace(" ", "").replace("\u2013", "-"))
    if shape is None:
        raise PydanticCustomError("interval", "Write opening hours as 07:30-14:00")
    start_hour, start_minute, end_hour, end_minute = map(int, shape.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if max(start_minute, end_minute) > 59 or not start < end <= 24 * 60:
        raise PydanticCustomError(
            "interval",
            "Opening hours run forward within one day, 00:00 to 24:00: split a night in two days",
        )
    return f"{start_hour:02d}:{start_minute:02d}-{end_hour:02d}:{end_minute:02d}"


@lru_cache(maxsize=1024)
def minutes_of(interval: str) -> tuple[int, int]:
    """07:30-14:00 in minutes of the day, [start, end)."""
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in interval.split("-"))
    return start, end


def _in_order(intervals: tuple[str, ...]) -> tuple[str, ...]:
    minutes = [minutes_of(interval) for interval in intervals]
    if any(end > start for (_, end), (start, _) in pairwise(minutes)):
        raise PydanticCustomError(
            "intervals", "Opening hours of a day are in order and do not overlap"
        )
    return intervals


Interval = Annotated[str, AfterValidator(_interval)]
Intervals = Annotated[tuple[Interval, ...], Field(max_length=6), AfterValidator(_in_order)]
"""Opening hours of one day; none: closed."""


class Hours(BaseModel):
    """Opening hours of a week in Tehran's time; an empty day is closed, two intervals a break."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sat: Intervals = ()
    sun: Intervals = ()
    mon: Intervals = ()
    tue: Intervals = ()
    wed: Intervals = ()
    thu: Intervals = ()
    fri: Intervals = ()

    def on(self, day: date) -> list[tuple[int, int]]:
        """That day's intervals in minutes of the day, [start, end)."""
        return [minutes_of(interval) for interval in getattr(self, WEEKDAYS[day.weekday()])]
