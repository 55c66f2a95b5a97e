"""Rules of the calendar: when an office is open, from its week, its exceptions and the holidays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.openings import DayRule, library

Rule = DayRule | Literal["suspended", "closed"]
"""What decides whether an office is open: its day, or its status."""
Source = Literal["library", "override"]


@dataclass(frozen=True, slots=True)
class Holiday:
    """What holds of a day; `name` as people know it, None of an ordinary day."""

    day: date
    holiday: bool
    name: str | None
    source: Source
    reason: str | None = None


def holiday_on(day: date, overrides: Mapping[date, Holiday]) -> Holiday:
    """What was said of the day, else what the library says."""
    if day in overrides:
        return overrides[day]
    name = library(day.year).get(day)
    return Holiday(day, name is not None, name, "library")
