"""When a place is open: its week, its exceptions and the holidays. Pure; Tehran's clock."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal

import holidays

from shared.calendar import TEHRAN, Hours, day_start, minutes_of, tehran_date

DAY: Final = timedelta(days=1)
SECOND: Final = timedelta(seconds=1)
HORIZON_DAYS: Final = 370
"""How far ahead an opening is looked for: a year, and a few days for holidays at its end."""

DayRule = Literal["hours", "exception", "holiday"]
"""What decides over a day: the week, the day's exception, a holiday."""
Span = tuple[datetime, datetime]
"""[from, to), in UTC."""


@lru_cache(maxsize=128)
def library(year: int) -> Mapping[date, str]:
    """Iran's holidays of a Gregorian year by their Persian names; 1980 to 2100, else none.

    The dates of lunar feasts are estimates from 2027 on.
    """
    found = holidays.country_holidays("IR", years=year, language="fa_IR", expand=False)
    return {day: name.replace("; ", "، ") for day, name in found.items()}


@dataclass(frozen=True, slots=True)
class Openings:
    """When an office is open: an exception goes before a holiday, which goes before the week.

    `exceptions`: the intervals (07:30-14:00) of exceptional days, none where it is closed.
    """

    week: Hours
    exceptions: Mapping[date, Sequence[str]]
    is_holiday: Callable[[date], bool]

    def rule(self, day: date) -> DayRule:
        if day in self.exceptions:
            return "exception"
        return "holiday" if self.is_holiday(day) else "hours"

    def on(self, day: date) -> list[tuple[int, int]]:
        """That day's intervals in minutes of the clock on the wall, [start, end)."""
        if day in self.exceptions:
            return [minutes_of(interval) for interval in self.exceptions[day]]
        usual = self.week.on(day)
        return [] if not usual or self.is_holiday(day) else usual

    def open_at(self, instant: datetime) -> bool:
        """Whether the clock on the wall in Tehran says open at an aware instant."""
        local = instant.astimezone(TEHRAN)
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.on(local.date()))

    def opens_next(self, instant: datetime) -> datetime | None:
        """The first instant from `instant` on when it is open, in UTC; None: not in a year.

        That is `instant` itself while it is open.
        """
        for start, end in self._spans_from(instant):
            if instant < end:
                return max(start, instant.astimezone(UTC))
        return None

    def closes_at(self, instant: datetime) -> datetime | None:
        """The first instant after `instant` when it is closed, in UTC, if it is open.

        None: it is closed, or stays open for a year.
        """
        until = None
        for start, end in self._spans_from(instant):
            if until is None and start <= instant < end:
                until = end
            elif until is not None and start > until:
                return until
            elif until is not None:
                until = end
        last = day_start(tehran_date(instant) + DAY * HORIZON_DAYS)
        return None if until is None or until >= last else until

    def _spans_from(self, instant: datetime) -> Iterator[Span]:
        """The spans of the instant's day and the days after, as far as one looks ahead."""
        first = tehran_date(instant)
        if not (any(getattr(self.week, day) for day in Hours.model_fields) or self.exceptions):
            return
        for offset in range(HORIZON_DAYS):
            yield from self.spans(first + DAY * offset)

    def spans(self, day: date) -> list[Span]:
        """When it is open on a day, in order; an hour that the clock repeats counts twice."""
        intervals = self.on(day)
        found = []
        for begin, until, midnight in _clocks(day) if intervals else ():
            for start, end in intervals:
                opens = max(midnight + timedelta(minutes=start), begin)
                closes = min(midnight + timedelta(minutes=end), until)
                if opens < closes:
                    found.append((opens, closes))
        return found


@lru_cache(maxsize=4096)
def _clocks(day: date) -> list[tuple[datetime, datetime, datetime]]:
    """The stretches of a day in which Tehran's clock ran evenly: [from, to), and its midnight.

    One, or two where summer time began or ended within the day. Midnight is the instant at which
    the clock of the stretch shows 00:00, or would.
    """
    begin, end = day_start(day), day_start(day + DAY)
    wall = datetime.combine(day, time(), UTC)
    before, after = _offset(begin), _offset(end - SECOND)
    if before == after:
        return [(begin, end, wall - before)]
    seconds = range(int((end - begin).total_seconds()))
    changed = bisect_left(seconds, 1, key=lambda n: int(_offset(begin + SECOND * n) != before))
    change = begin + SECOND * changed
    return [(begin, change, wall - before), (change, end, wall - after)]


def _offset(instant: datetime) -> timedelta:
    return instant.astimezone(TEHRAN).utcoffset() or timedelta()
