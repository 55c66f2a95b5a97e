"""The desk's calendar as working time. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from pydantic import BaseModel, TypeAdapter

from shared.calendar import Hours, Intervals
from shared.openings import DayRule, Openings, library
from shared.worktime import WorkTime

DAY: Final = timedelta(days=1)
DAYS_SHOWN_MAX: Final = 62


class _Known(BaseModel):
    weeks: list[tuple[date, Hours]] | None
    days: dict[date, Intervals] | None
    holidays: dict[date, bool] | None


_KNOWN: Final = TypeAdapter(_Known)


@lru_cache(maxsize=16)
def work_time(known: str) -> WorkTime:
    """Of the calendar as `repository.known` writes it; without any week there is no working time.

    The same text is the same object, which keeps what was reckoned of its days.
    """
    found = _KNOWN.validate_json(known)
    said: Mapping[date, bool] = found.holidays or {}

    def is_holiday(day: date) -> bool:
        told = said.get(day)
        return day in library(day.year) if told is None else told

    weeks = found.weeks or [(date.min, Hours())]
    days = found.days or {}
    return WorkTime(*((since, Openings(week, days, is_holiday)) for since, week in weeks))


class DayShown(NamedTuple):
    day: date
    rule: DayRule
    intervals: list[str]


def shown(work: WorkTime, first: date, last: date) -> list[DayShown]:
    """The days from one to another, both included: what decides, and the working hours."""
    days = (first + DAY * n for n in range((last - first).days + 1))
    return [
        DayShown(day, work.openings(day).rule(day), [_text(*i) for i in work.openings(day).on(day)])
        for day in days
    ]


def _text(start: int, end: int) -> str:
    return f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"
