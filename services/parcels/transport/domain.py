"""Timetables: on which days a line runs, and the instants of its calls. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from shared.calendar import TEHRAN, WEEKDAYS
from shared.validity import Span

Mode = Literal["road", "rail", "air"]
Weekday = Literal["sat", "sun", "mon", "tue", "wed", "thu", "fri"]

DAY_MIN: Final = 24 * 60
OFFSET_DAYS_MAX: Final = 6
"""A run ends within a week of its day."""
_WEEK: Final[tuple[Weekday, ...]] = ("sat", "sun", "mon", "tue", "wed", "thu", "fri")


@dataclass(frozen=True, slots=True)
class Call:
    """Minutes since midnight of the line's day on Tehran's clock; first and last have one only."""

    office: str
    arrives: int | None
    departs: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line's timetable on the days of `span`; `days`: bit n is the weekday n of a date."""

    code: str
    span: Span
    mode: Mode
    days: int
    calls: tuple[Call, ...]
    capacity_items: int
    capacity_kg: int
    distance_km: int

    def runs_on(self, day: date) -> bool:
        return runs_on(self.days, day) and self.span.covers(day)


class Stop(NamedTuple):
    """A call of one run."""

    office: str
    arrives_at: datetime | None
    departs_at: datetime | None


class Hop(NamedTuple):
    """From one call to the next; hops sort by their departure.

    `line` None: the ride between an office and its sorting centre.
    """

    departs_at: datetime
    arrives_at: datetime
    day: date
    n: int
    origin: str
    destination: str
    line: str | None


def weekdays(days: int) -> list[Weekday]:
    return [day for day in _WEEK if days >> WEEKDAYS.index(day) & 1]


def days_of(names: Iterable[Weekday]) -> int:
    return sum({1 << WEEKDAYS.index(name) for name in names})


def runs_on(days: int, day: date) -> bool:
    return bool(days >> day.weekday() & 1)


@lru_cache(maxsize=20_000)
def instant(day: date, minutes: int) -> datetime:
    """What Tehran's clock shows `minutes` after midnight of a day, in UTC.

    Of a time that summer time doubled the first, of one that it skipped as much after the change.
    """
    days, minute = divmod(minutes, DAY_MIN)
    wall = datetime.combine(day + timedelta(days), time(*divmod(minute, 60)), TEHRAN)
    return wall.astimezone(UTC)


def stops(line: Line, day: date) -> list[Stop]:
    """The calls of the run of a day.

    A vehicle needs as long in the night the clock changes: then it arrives late by the clock, or
    early, and does not leave before its time.
    """
    found: list[Stop] = []
    left_at, left = instant(day, 0), 0
    for call in line.calls:
        arrives_at = None
        if call.arrives is not None:
            arrives_at = left_at + timedelta(minutes=call.arrives - left)
        departs_at = None
        if call.departs is not None:
            departs_at = instant(day, call.departs)
            if arrives_at is not None:
                departs_at = max(departs_at, arrives_at)
            left_at, left = departs_at, call.departs
        found.append(Stop(call.office, arrives_at, departs_at))
    return found


def hops(line: Line, day: date) -> Iterator[Hop]:
    """Of the run of a day."""
    return hops_between(line.code, day, stops(line, day))


def hops_between(code: str, day: date, called: Sequence[Stop]) -> Iterator[Hop]:
    for n, (here, there) in enumerate(pairwise(called)):
        if here.departs_at is not None and there.arrives_at is not None:
            yield Hop(here.departs_at, there.arrives_at, day, n, here.office, there.office, code)


def runs(lines: Iterable[Line], first: date, last: date) -> Iterator[tuple[Line, date]]:
    """Every run that begins on the days from first to last, both included."""
    for line in lines:
        day = max(first, line.span.first)
        end = last if line.span.last is None else min(last, line.span.last)
        while day <= end:
            if runs_on(line.days, day):
                yield line, day
            day += timedelta(days=1)


def calls_fault(calls: Sequence[Call]) -> str | None:
    """What is wrong with a line's calls: time runs forward along them, each to another office."""
    if calls[0].arrives is not None or calls[-1].departs is not None:
        return "the first call only departs, the last only arrives"
    for n, (here, there) in enumerate(pairwise(calls)):
        if here.departs is None or there.arrives is None:
            return "every call between the first and the last arrives and departs"
        if there.arrives <= here.departs:
            return f"call {n + 2} arrives before call {n + 1} departs: add days to its time"
        if there.departs is not None and there.departs < there.arrives:
            return f"call {n + 2} departs before it arrives: add days to its time"
        if here.office == there.office:
            return f"calls {n + 1} and {n + 2} are of one office"
    return None
