"""Where a sorting centre sends what is for another, over all hours of a week. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Final

from services.parcels.routing.domain import Network, legs
from services.parcels.transport.domain import Line, instant

WEEK: Final = timedelta(days=7)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Hop:
    """The best next office and line at `share_percent` of the hours; minutes till arrival."""

    centre: str
    destination: str
    next_office: str
    line: str
    share_percent: float
    mean_min: int
    worst_min: int


@dataclass(slots=True)
class _Hours:
    """What a week's hours add up to for one destination."""

    by_hop: dict[tuple[str, str], timedelta] = field(default_factory=lambda: defaultdict(timedelta))
    waited: float = 0.0
    """Minutes squared: over the time at which an item is ready, how long it then takes."""
    worst: timedelta = timedelta()


def fingerprint(
    lines: Iterable[Line], rules: Iterable[object], centres: Sequence[str], first: date
) -> str:
    """The same as long as a week's timetable is, from whichever day it is read."""
    last = first + WEEK - timedelta(days=1)
    week = [
        (
            line.code,
            line.days,
            [astuple(call) for call in line.calls],
            line.span.first if line.span.first > first else None,
            line.span.last if line.span.last is not None and line.span.last < last else None,
        )
        for line in lines
        if line.span.first <= last and (line.span.last is None or line.span.last >= first)
    ]
    told = repr((sorted(week, key=repr), list(rules), list(centres)))
    return sha256(told.encode()).hexdigest()


def next_hops(network: Network, centres: Sequence[str], first: date) -> list[Hop]:
    """Of each centre for each other that it reaches, in a week from a day on."""
    begins, ends = instant(first, 0), instant(first + WEEK, 0)
    return [
        hop
        for centre in centres
        for hop in _of_centre(network, centre, [c for c in centres if c != centre], begins, ends)
    ]


def _of_centre(
    network: Network, centre: str, others: Sequence[str], begins: datetime, ends: datetime
) -> Iterator[Hop]:
    """What is ready between two departures leaves with the second: one search tells of both."""
    hours = {other: _Hours() for other in others}
    leaves = {hop.departs_at for hop in network.hops_from(begins) if hop.origin == centre}
    later = min((at for at in leaves if at >= ends), default=ends)
    times = [begins, *sorted(at for at in leaves if begins < at < ends), later]
    for ready_from, departs_at in pairwise(times):
        reached = network.reach(centre, departs_at, others)
        until = min(departs_at, ends)
        for other in others:
            if other not in reached:
                continue
            first_leg, *_ = legs(reached, other)
            span, found = until - ready_from, hours[other]
            found.by_hop[first_leg.destination, first_leg.line or ""] += span
            takes = reached[other].arrives_at - (ready_from + span / 2)
            found.waited += (span / _MINUTE) * (takes / _MINUTE)
            found.worst = max(found.worst, reached[other].arrives_at - ready_from)
    for other, found in hours.items():
        if found.by_hop:
            yield _best(centre, other, found, ends - begins)


def _best(centre: str, other: str, hours: _Hours, week: timedelta) -> Hop:
    (office, line), span = max(hours.by_hop.items(), key=lambda hop: (hop[1], hop[0]))
    reachable = sum(hours.by_hop.values(), timedelta())
    return Hop(
        centre,
        other,
        office,
        line,
        round(100 * (span / week), 1),
        round(hours.waited / (reachable / _MINUTE)),
        hours.worst // _MINUTE,
    )
