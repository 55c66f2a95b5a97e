"""Validity by days: from a first day to a last one, both included, or open-ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.errors import Conflict

DAY_MIN: Final = date(1900, 1, 1)
DAY_MAX: Final = date(2200, 12, 31)
"""What `shared.fields.Day` takes."""


class AlreadyEnded(Conflict):
    code, title = "already_ended", "Ended already"


class EndsBeforeItStarts(Conflict):
    code, title = "ends_before_it_starts", "Ends before it starts"


@dataclass(frozen=True, slots=True)
class Span:
    """The days on which something holds; `last` None is open-ended."""

    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise ValueError("the last day is before the first")

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def overlaps(self, other: "Span") -> bool:
        return (other.last is None or self.first <= other.last) and (
            self.last is None or other.first <= self.last
        )

    def within(self, other: "Span") -> bool:
        """Whether every day of this is one of `other`."""
        return other.first <= self.first and (
            other.last is None or (self.last is not None and self.last <= other.last)
        )

    def ended(self, on: date, today: date) -> "Span":
        """With `on` as its last day; what ended in the past stays as it was recorded."""
        if self.last is not None and (self.last < today or self.last <= on):
            raise AlreadyEnded(f"it ends on {self.last} already")
        if on < self.first:
            raise EndsBeforeItStarts(f"it starts on {self.first}: choose an `on` from that day on")
        return Span(self.first, on)


def first_overlap(span: Span, others: Iterable[Span]) -> Span | None:
    return next((other for other in others if span.overlaps(other)), None)
