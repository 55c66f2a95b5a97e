"""Jalali months, working days and clock times of Asia/Tehran, as UTC epoch seconds."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate
from typing_extensions import override

TEHRAN = ZoneInfo("Asia/Tehran")
HOUR = 3600
OPENS = 8 * HOUR
THURSDAY, FRIDAY = 3, 4
# Closed by the solar calendar (month, day). Holidays of the lunar calendar are left out.
CLOSED = {(1, 1), (1, 2), (1, 3), (1, 4), (1, 12), (1, 13), (3, 14), (3, 15), (11, 22), (12, 29)}


class Month(NamedTuple):
    """A Jalali month; orders and prints as 1397-05."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        year, _, number = text.partition("-")
        if not (year.isdecimal() and number.isdecimal() and 1 <= int(number) <= 12):
            raise ValueError(f"a Jalali month like 1397-05, not {text!r}")
        return cls(int(year), int(number))

    @override
    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"

    @property
    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def days(self) -> list[date]:
        first, after = self.first_day(), self.next.first_day()
        return [first + timedelta(n) for n in range((after - first).days)]

    def first_day(self) -> date:
        # persiantools has no types
        jalali = JalaliDate(self.year, self.number, 1)  # type: ignore[no-untyped-call]
        first: date = jalali.to_gregorian()
        return first

    def starts_at(self) -> int:
        """The first instant; the end of a month is `next.starts_at()`, not part of it."""
        return int(datetime.combine(self.first_day(), time(), TEHRAN).timestamp())


def at(day: date, seconds: int) -> int:
    """The instant `seconds` after midnight by the clock on the wall, from 4 in the morning on.

    Counted from noon: until 1401 the clock was changed at midnight, so midnight may be amiss.
    """
    return _noon(day) + seconds - 12 * HOUR


@lru_cache(maxsize=2000)
def _noon(day: date) -> int:
    return int(datetime.combine(day, time(12), TEHRAN).timestamp())


def closes(day: date) -> int:
    """When counters close, in seconds after midnight: Thursday is a half day."""
    return (12 if day.weekday() == THURSDAY else 14) * HOUR


@lru_cache(maxsize=2000)
def is_working(day: date) -> bool:
    jalali = JalaliDate.to_jalali(day)  # type: ignore[no-untyped-call] # persiantools has no types
    return day.weekday() != FRIDAY and (jalali.month, jalali.day) not in CLOSED


def working_day_after(day: date, count: int = 1) -> date:
    for _ in range(count):
        day += timedelta(1)
        while not is_working(day):
            day += timedelta(1)
    return day


def rfc3339(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
