"""HSDS 3.0: stable ids, weekly hours as recurrences, pages by number. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from shared.calendar import Hours

NAMESPACE: Final = UUID("51419c0d-c482-4351-8469-b9b8f1f93ede")
"""Of our ids: a code has the same one in every installation, and may never get another."""
DEPTH_MAX: Final = 100_000
DAYS: Final = {
    "sat": "SA",
    "sun": "SU",
    "mon": "MO",
    "tue": "TU",
    "wed": "WE",
    "thu": "TH",
    "fri": "FR",
}

Status = Literal["active", "inactive", "defunct"]


@lru_cache(maxsize=16_384)
def stable_id(table: str, key: str) -> UUID:
    """The id of a row of ours in a table of HSDS."""
    return uuid5(NAMESPACE, f"{table}/{key}")


def status_on(day: date, valid_from: date, valid_until: date | None) -> Status:
    if day < valid_from:
        return "inactive"
    return "defunct" if valid_until is not None and valid_until < day else "active"


def until_next(dates: list[date]) -> list[date | None]:
    """The last day of each of these, in order: the day before the next; None for the last."""
    ends: list[date | None] = [following - timedelta(days=1) for following in dates[1:]]
    return [*ends, None] if dates else []


def weekly(hours: Hours, offset: timedelta) -> Iterator[dict[str, Any]]:
    """One recurrence (RFC 5545) for each opening, with all days that have it.

    Times carry the offset from UTC, as HSDS asks; an opening until midnight closes at 24:00.
    """
    days: dict[str, list[str]] = {}
    for day, short in DAYS.items():
        for interval in getattr(hours, day):
            days.setdefault(interval, []).append(short)
    zone = _offset(offset)
    for interval, open_days in sorted(days.items()):
        opens, closes = interval.split("-")
        yield {
            "freq": "WEEKLY",
            "wkst": "SA",
            "byday": ",".join(open_days),
            "opens_at": f"{opens}{zone}",
            "closes_at": f"{closes}{zone}",
            "timezone": offset / timedelta(hours=1),
        }


def _offset(offset: timedelta) -> str:
    minutes = abs(offset) // timedelta(minutes=1)
    sign = "-" if offset < timedelta() else "+"
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True, slots=True)
class Slice:
    """A page by number, the first is 1."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def too_deep(self) -> bool:
        return self.number * self.size > DEPTH_MAX

    def envelope(self, total: int, found: int) -> dict[str, Any]:
        """What HSDS says of a page beside its contents."""
        pages = -(-total // self.size)
        return {
            "total_items": total,
            "total_pages": pages,
            "page_number": self.number,
            "size": found,
            "first_page": self.number == 1,
            "last_page": self.number >= pages,
            "empty": found == 0,
        }
