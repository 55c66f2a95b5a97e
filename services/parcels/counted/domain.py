"""Counted mail: what may be told of it, and how reports show it. Pure."""

from datetime import date, timedelta
from typing import Final, Literal

from services.parcels.vocabulary import DIRECTION_BY_WIRE, DIRECTION_WIRE

Way = Literal["domestic", "incoming", "outgoing", "transit"]
LATE_DAYS_MAX: Final = 31
"""A count of a day further back needs the scope backfill."""


def number_of(way: Way) -> int:
    return int(DIRECTION_BY_WIRE[way])


def way_of(number: int) -> str:
    return DIRECTION_WIRE[number]


def day_fault(day: date, today: date, *, backfills: bool) -> str | None:
    """Why mail of a day cannot be counted now."""
    if day > today:
        return f"day must not be after today, {today}"
    if today - day > timedelta(days=LATE_DAYS_MAX) and not backfills:
        return f"a day more than {LATE_DAYS_MAX} days ago needs the scope backfill"
    return None
