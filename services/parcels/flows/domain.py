"""What a month's items between sorting centres meet on the timetable's lines. Pure.

An item is collected by its office's feeder on the day of its acceptance, or the next that has a
collection, rides by the earliest way, and goes out with the first distribution after it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from services.parcels.routing.domain import FeederRule, Leg, Network, Reached, legs
from services.parcels.transport.domain import instant, runs_on

_HOUR: Final = timedelta(hours=1)
ANY: Final = ""
"""The office of the rule that holds for all."""

Lane = tuple[str, str]
"""The centres of origin and of destination."""


class Flow(NamedTuple):
    """Items collected on a day."""

    day: date
    origin: str
    destination: str
    items: int


class Accepted(NamedTuple):
    """Items accepted on a day, before its collection or after; `town` as it was written."""

    day: date
    in_time: bool
    origin: str
    province: str | None
    town: str | None
    items: int


def collected_on(network: Network, accepted: Accepted) -> date | None:
    """The day on which what was accepted is collected; None where no rule says."""
    day = accepted.day if accepted.in_time else accepted.day + timedelta(days=1)
    for n in range(8):
        on = day + timedelta(days=n)
        rule = network.rule(ANY, on)
        if rule is not None and runs_on(rule.days, on):
            return on
    return None


@dataclass(slots=True)
class LineUse:
    """Item-hours spent waiting for a line's departures, and on board; items of each run."""

    items: int = 0
    wait_h: float = 0.0
    ride_h: float = 0.0
    by_run: Counter[date] = field(default_factory=Counter)


@dataclass(slots=True)
class LaneUse:
    """From collection to the office that delivers: hours in all, and of the slowest."""

    items: int = 0
    hours: float = 0.0
    worst_h: float = 0.0

    @property
    def mean_h(self) -> float:
        return round(self.hours / self.items, 2) if self.items else 0.0


@dataclass(slots=True)
class Evaluation:
    """`unreachable`: items for which there is no way within two weeks."""

    lines: dict[str, LineUse] = field(default_factory=lambda: defaultdict(LineUse))
    lanes: dict[Lane, LaneUse] = field(default_factory=lambda: defaultdict(LaneUse))
    unreachable: int = 0

    @property
    def items(self) -> int:
        return sum(lane.items for lane in self.lanes.values())

    @property
    def mean_h(self) -> float | None:
        hours = sum(lane.hours for lane in self.lanes.values())
        return round(hours / self.items, 2) if self.items else None


def evaluate(network: Network, flows: Iterable[Flow]) -> Evaluation:
    """Send the items of other centres over a timetable."""
    sent: dict[tuple[date, str], dict[str, int]] = defaultdict(dict)
    for flow in flows:
        if flow.origin != flow.destination:
            sent[flow.day, flow.origin][flow.destination] = flow.items
    found = Evaluation()
    for (day, origin), items in sent.items():
        rule = network.rule(ANY, day)
        if rule is None:
            found.unreachable += sum(items.values())
            continue
        ready_at = instant(day, rule.collected_min) + timedelta(
            minutes=rule.at_centre_min - rule.collected_min + rule.sorting_min
        )
        reached = network.reach(origin, ready_at, items.keys())
        for destination, count in items.items():
            _add(found, network, (origin, destination), reached, (day, rule, ready_at), count)
    return found


def _add(
    found: Evaluation,
    network: Network,
    lane: Lane,
    reached: Mapping[str, Reached],
    begun: tuple[date, FeederRule, datetime],
    items: int,
) -> None:
    day, rule, ready_at = begun
    destination = lane[1]
    ends_at = None
    if destination in reached:
        arrives_at = reached[destination].arrives_at
        ends_at = network.sent_out(ANY, arrives_at + network.sorting(destination, day))
    if ends_at is None:
        found.unreachable += items
        return
    hours = (ends_at - instant(day, rule.collected_min)) / _HOUR
    use = found.lanes[lane]
    use.items += items
    use.hours += hours * items
    use.worst_h = max(use.worst_h, hours)
    _add_legs(found, network, legs(reached, destination), ready_at, items)


def _add_legs(
    found: Evaluation, network: Network, rides: Iterable[Leg], ready_at: datetime, items: int
) -> None:
    for leg in rides:
        line = found.lines[leg.line or ""]
        line.items += items
        line.by_run[leg.day] += items
        line.wait_h += (leg.departs_at - ready_at) / _HOUR * items
        line.ride_h += (leg.arrives_at - leg.departs_at) / _HOUR * items
        ready_at = leg.arrives_at + network.sorting(leg.destination, leg.day)


class Change(NamedTuple):
    """A lane before and after, mean hours; None where nothing gets there."""

    lane: Lane
    items: int
    before_h: float | None
    after_h: float | None

    @property
    def weight(self) -> float:
        """How much it matters: item-hours; a lane lost or won goes before all others."""
        if self.before_h is None or self.after_h is None:
            return float("inf")
        return abs(self.after_h - self.before_h) * self.items


def changes(before: Evaluation, after: Evaluation, flows: Collection[Flow]) -> list[Change]:
    """Lanes on which something changes, those that matter most first."""
    counts: dict[Lane, int] = defaultdict(int)
    for flow in flows:
        counts[flow.origin, flow.destination] += flow.items
    found = []
    for lane in sorted(before.lanes.keys() | after.lanes.keys()):
        was = before.lanes[lane].mean_h if lane in before.lanes else None
        will = after.lanes[lane].mean_h if lane in after.lanes else None
        if was != will:
            found.append(Change(lane, counts[lane], was, will))
    return sorted(found, key=lambda change: (-change.weight, change.lane))


def saved_h(before: Evaluation, after: Evaluation) -> float:
    """Item-hours, of the lanes on which items have a way before and after."""
    return sum(
        (use.mean_h - after.lanes[lane].mean_h) * min(use.items, after.lanes[lane].items)
        for lane, use in before.lanes.items()
        if lane in after.lanes
    )
