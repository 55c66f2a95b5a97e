"""Working time: what passes of it between two instants, and when so much has passed. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from shared.calendar import tehran_date
from shared.openings import DAY, HORIZON_DAYS, Openings, Span

KEPT_MAX: Final = 10_000


class WorkTime:
    """Openings from days on, in their order; before the first of them, that holds.

    What was reckoned is kept, for thousands share a day.
    """

    def __init__(self, *openings: tuple[date, Openings]) -> None:
        self._openings = openings
        self._spans: dict[date, list[Span]] = {}

    def spans(self, day: date) -> list[Span]:
        found = self._spans.get(day)
        if found is None:
            if len(self._spans) >= KEPT_MAX:
                self._spans.clear()
            found = self._spans[day] = self.openings(day).spans(day)
        return found

    def openings(self, day: date) -> Openings:
        """Those of a day."""
        place = bisect_right(self._openings, day, key=lambda one: one[0])
        return self._openings[max(place - 1, 0)][1]

    def pieces(
        self, start: datetime, away: Sequence[Span], days: int = HORIZON_DAYS
    ) -> Iterator[Span]:
        """The opening time from `start` on, without `away` (in order, apart from each other)."""
        first = tehran_date(start)
        for n in range(days):
            for opens, closes in self.spans(first + DAY * n):
                yield from without(max(opens, start), closes, away)

    def after(self, start: datetime, need: timedelta, away: Sequence[Span] = ()) -> datetime | None:
        """When so much working time (more than none) has passed; None: not in a year."""
        for opens, closes in self.pieces(start, away):
            if closes - opens >= need:
                return (opens + need).astimezone(UTC)
            need -= closes - opens
        return None

    def elapsed(self, since: datetime, until: datetime, away: Sequence[Span] = ()) -> timedelta:
        """The working time of [since, until) without `away`, however long that is."""
        days = (tehran_date(until) - tehran_date(since)).days + 1
        worked = (
            min(closes, until) - opens
            for opens, closes in self.pieces(since, away, days)
            if opens < until
        )
        return sum(worked, timedelta())


def without(since: datetime, until: datetime, away: Sequence[Span]) -> Iterator[Span]:
    """What is left of a span."""
    for begins, ends in away:
        if ends <= since:
            continue
        if begins >= until:
            break
        if since < begins:
            yield since, begins
        since = max(since, ends)
    if since < until:
        yield since, until


def merged(spans: Iterable[Span]) -> list[Span]:
    """In order, overlapping ones as one, empty ones left out."""
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        elif since < until:
            found.append((since, until))
    return found
