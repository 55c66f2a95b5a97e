"""Earliest arrival over the timetable, and where an item will be by it. Pure.

The connection scan of Dibbelt, Pajor, Strasser and Wagner (2013): all hops once, by departure. An
item that changes vehicles at an office is sorted there first; one that stays on board is not.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import merge
from typing import Final, Literal, NamedTuple

from services.parcels.transport import domain as lines
from services.parcels.transport.domain import OFFSET_DAYS_MAX, Hop, Line, Stop, instant, runs_on
from services.parcels.vocabulary import TERMINAL, Custodian, Status
from shared.calendar import tehran_date

HORIZON: Final = timedelta(days=14)
"""What does not arrive within it has no route."""
_DAYS_KEPT: Final = 64
_WINDOWS_KEPT: Final = 8
_NO_HOP: Final = -1

Runs = Mapping[tuple[str, date], Sequence[Stop] | None]
"""Runs that do not go by the timetable, by line and day: as expected now, None if cancelled."""


@dataclass(frozen=True, slots=True)
class FeederRule:
    """How an office (None: any) rides to its sorting centre and back, from a day on.

    Minutes of a day on Tehran's clock: collected and at the centre, sent out and at the office,
    couriers' rounds out and back. `sorting_min`: how long what arrives is not ready to leave.
    """

    office: str | None
    valid_from: date
    days: int
    collected_min: int
    at_centre_min: int
    sent_out_min: int
    at_office_min: int
    round_leaves_min: int
    round_back_min: int
    sorting_min: int


class Leg(NamedTuple):
    """A ride without a change; `line` None: between an office and its sorting centre."""

    line: str | None
    day: date
    origin: str
    destination: str
    departs_at: datetime
    arrives_at: datetime


@dataclass(frozen=True, slots=True)
class Journey:
    arrives_at: datetime
    legs: tuple[Leg, ...]


class Reached(NamedTuple):
    """How an office is first reached: the ride's hop at which it was boarded, and its last."""

    arrives_at: datetime
    boarded: Hop
    left: Hop


def search(
    hops: Iterable[Hop],
    origin: str,
    at: datetime,
    sorting: Callable[[str], timedelta],
    goals: Collection[str] = (),
) -> dict[str, Reached]:
    """The earliest arrival everywhere (or at all `goals`) of what is ready at `origin` at `at`.

    `hops` are those that depart from then on, by departure.
    """
    ready = {origin: at}
    reached: dict[str, Reached] = {}
    boarded: dict[tuple[str | None, date, str], Hop] = {}
    done_at: datetime | None = None
    for hop in hops:
        if done_at is not None and hop.departs_at >= done_at:
            break
        run = (hop.line, hop.day, hop.origin if hop.line is None else "")
        since = ready.get(hop.origin)
        if run not in boarded:
            if since is None or since > hop.departs_at:
                continue
            boarded[run] = hop
        there = hop.destination
        known = reached.get(there)
        if there != origin and (known is None or hop.arrives_at < known.arrives_at):
            reached[there] = Reached(hop.arrives_at, boarded[run], hop)
            ready[there] = hop.arrives_at + sorting(there)
            if there in goals and all(goal in reached for goal in goals):
                done_at = max(reached[goal].arrives_at for goal in goals)
    return reached


def legs(reached: Mapping[str, Reached], destination: str) -> tuple[Leg, ...]:
    found: list[Leg] = []
    here: str = destination
    while (ride := reached.get(here)) is not None:
        first, last = ride.boarded, ride.left
        found.append(
            Leg(
                first.line,
                first.day,
                first.origin,
                last.destination,
                first.departs_at,
                last.arrives_at,
            )
        )
        here = first.origin
    return tuple(reversed(found))


@dataclass(slots=True)
class Network:
    """A timetable that can be asked; `centre_of`: offices that are no sorting centre.

    `rules` by the order of their recording: of two of an office and a day the later holds.
    """

    lines: Sequence[Line]
    rules: Sequence[FeederRule]
    centre_of: Mapping[str, str]
    changed: Runs = field(default_factory=dict)
    _days: dict[date, list[Hop]] = field(default_factory=dict)
    _windows: dict[date, list[Hop]] = field(default_factory=dict)
    _rules: dict[str | None, list[FeederRule]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules:
            self._rules.setdefault(rule.office, []).append(rule)
        for rules in self._rules.values():
            rules.sort(key=lambda rule: rule.valid_from)  # stable: the last recorded stays last

    def rule(self, office: str, day: date) -> FeederRule | None:
        for rules in (self._rules.get(office, ()), self._rules.get(None, ())):
            for rule in reversed(rules):
                if rule.valid_from <= day:
                    return rule
        return None

    def sorting(self, office: str, day: date) -> timedelta:
        rule = self.rule(office, day)
        return timedelta(minutes=rule.sorting_min if rule else 0)

    def journey(self, origin: str, destination: str, at: datetime) -> Journey | None:
        """The earliest arrival of what is ready to leave an office; None within two weeks."""
        if origin == destination:
            return Journey(at, ())
        reached = self.reach(origin, at, (destination,))
        if destination not in reached:
            return None
        return Journey(reached[destination].arrives_at, legs(reached, destination))

    def reach(self, origin: str, at: datetime, goals: Collection[str] = ()) -> dict[str, Reached]:
        """What lines and the rides of origin and goals reach."""
        day = tehran_date(at)
        rides = [*self._to_centre(origin, day)]
        for goal in goals:
            rides.extend(self._from_centre(goal, day))
        rides = sorted(ride for ride in rides if ride.departs_at >= at)
        hops = self.hops_from(at)
        return search(
            merge(hops, rides) if rides else hops,
            origin,
            at,
            lambda office: self.sorting(office, day),
            goals,
        )

    def hops_from(self, at: datetime) -> Iterator[Hop]:
        """The lines' hops from then on within the horizon, by departure."""
        hops = self.hops_around(tehran_date(at))
        first = bisect_left(hops, at, key=lambda hop: hop.departs_at)
        return (hops[n] for n in range(first, len(hops)))

    def hops_around(self, day: date) -> list[Hop]:
        """Of every run that may be under way on a day or begins within the horizon, sorted."""
        known = self._windows.get(day)
        if known is None:
            begins = (
                day + timedelta(days=n) for n in range(-OFFSET_DAYS_MAX - 1, HORIZON.days + 1)
            )
            known = sorted(hop for on in begins for hop in self._hops_of(on))
            if len(self._windows) >= _WINDOWS_KEPT:
                self._windows.clear()
            self._windows[day] = known
        return known

    def _hops_of(self, day: date) -> list[Hop]:
        """Of every run that begins on a day, sorted."""
        known = self._days.get(day)
        if known is None:
            known = sorted(
                hop for line in self.lines if line.runs_on(day) for hop in self._hops(line, day)
            )
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            self._days[day] = known
        return known

    def _hops(self, line: Line, day: date) -> Iterable[Hop]:
        if (line.code, day) not in self.changed:
            return lines.hops(line, day)
        expected = self.changed[line.code, day]
        return () if expected is None else lines.hops_between(line.code, day, expected)

    def _to_centre(self, office: str, day: date) -> Iterator[Hop]:
        """Collections of an office that has a centre, a day each; none where it is one itself."""
        centre = self.centre_of.get(office)
        if centre is None:
            return
        for on, rule in self._rule_days(office, day):
            departs_at = instant(on, rule.collected_min)
            rides = timedelta(minutes=rule.at_centre_min - rule.collected_min)
            yield Hop(departs_at, departs_at + rides, on, _NO_HOP, office, centre, None)

    def _from_centre(self, office: str, day: date) -> Iterator[Hop]:
        centre = self.centre_of.get(office)
        if centre is None:
            return
        for on, rule in self._rule_days(office, day):
            departs_at = instant(on, rule.sent_out_min)
            rides = timedelta(minutes=rule.at_office_min - rule.sent_out_min)
            yield Hop(departs_at, departs_at + rides, on, _NO_HOP, centre, office, None)

    def _rule_days(self, office: str, day: date) -> Iterator[tuple[date, FeederRule]]:
        for n in range(HORIZON.days + 1):
            on = day + timedelta(days=n)
            rule = self.rule(office, on)
            if rule is not None and runs_on(rule.days, on):
                yield on, rule

    def delivered_by(self, office: str, at: datetime) -> datetime | None:
        """When the couriers are back who take out what is at their office at `at`."""
        for on, rule in self._rule_days(office, tehran_date(at)):
            if at <= instant(on, rule.round_leaves_min):
                return instant(on, rule.round_back_min)
        return None

    def sent_out(self, office: str, at: datetime) -> datetime | None:
        """When what is sorted at the office's centre by `at` is at the office."""
        for on, rule in self._rule_days(office, tehran_date(at)):
            leaves_at = instant(on, rule.sent_out_min)
            if at <= leaves_at:
                return leaves_at + timedelta(minutes=rule.at_office_min - rule.sent_out_min)
        return None

    def back_by(self, office: str, now: datetime) -> datetime | None:
        """When the round that is out now, or else the next, is back."""
        for on, rule in self._rule_days(office, tehran_date(now)):
            back_at = instant(on, rule.round_back_min)
            if now <= back_at:
                return back_at
        return None


LEFT_WITHIN: Final = timedelta(minutes=45)
"""A departure is scanned so long before or after its time."""

Reason = Literal[
    "ended",
    "held",
    "waits_for_recipient",
    "with_another_operator",
    "no_delivery_office",
    "no_route",
]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """An item's state as far as its way matters; offices by code.

    `office`: of the custodian (on a trip, the one it left), `since` when it is there or under way.
    """

    item_id: int
    status: Status
    custodian: Custodian | None
    office: str | None
    since: datetime | None
    origin: str | None
    delivery_office: str | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """When an item is expected at the office that delivers it, and handed over; or why not."""

    office: str | None
    arrives_at: datetime | None
    delivered_by: datetime | None
    legs: tuple[Leg, ...]
    reason: Reason | None


def estimate(network: Network, item: Whereabouts, now: datetime) -> Estimate:
    returning = item.status is Status.RETURNING
    goal = item.origin if returning else item.delivery_office
    reason = _unforeseeable(item)
    if reason is not None or goal is None:
        return Estimate(goal, None, None, (), reason or "no_delivery_office")
    here = item.office or item.origin
    if item.custodian is Custodian.COURIER or item.status is Status.DELIVERY_FAILED:
        return Estimate(goal, item.since, network.back_by(here or goal, now), (), None)
    journey = None if here is None else _journey(network, item, here, goal, now)
    if journey is None:
        return Estimate(goal, None, None, (), "no_route")
    delivered_by = network.delivered_by(goal, max(journey.arrives_at, now))
    return Estimate(goal, journey.arrives_at, delivered_by, journey.legs, None)


def _unforeseeable(item: Whereabouts) -> Reason | None:
    """Why nobody can tell when it is delivered, whatever the timetable."""
    if item.status in TERMINAL:
        return "ended"
    if item.status is Status.HELD:
        return "held"
    if item.status is Status.READY_FOR_PICKUP:
        return "waits_for_recipient"
    if item.custodian is Custodian.OPERATOR:
        return "with_another_operator"
    return None


def _journey(
    network: Network, item: Whereabouts, here: str, goal: str, now: datetime
) -> Journey | None:
    since = item.since or now
    if item.custodian is Custodian.TRIP:
        return _under_way(network, here, goal, since, now)
    if here == goal:
        return Journey(since, ())
    ready_at = since
    if here not in network.centre_of:
        ready_at += network.sorting(here, tehran_date(since))
    return network.journey(here, goal, max(ready_at, now))


def _under_way(
    network: Network, left: str, goal: str, since: datetime, now: datetime
) -> Journey | None:
    """On board since it left an office: to the end of that ride, and on from there."""
    planned = network.journey(left, goal, since - LEFT_WITHIN)
    if planned is None or not planned.legs:
        return planned
    ride, *_ = planned.legs
    if ride.departs_at > since + LEFT_WITHIN:  # it left at no time of the timetable's
        ride = ride._replace(
            departs_at=since, arrives_at=since + (ride.arrives_at - ride.departs_at)
        )
    if ride.arrives_at < now:  # late
        ride = ride._replace(arrives_at=now)
    if ride.destination == goal:
        return Journey(ride.arrives_at, (ride,))
    ready_at = ride.arrives_at + network.sorting(ride.destination, tehran_date(ride.arrives_at))
    rest = network.journey(ride.destination, goal, ready_at)
    return rest and Journey(rest.arrives_at, (ride, *rest.legs))
