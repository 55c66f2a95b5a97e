"""The earliest arrival against every way there is."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.routing.domain import FeederRule, Leg, Network, Whereabouts, estimate
from services.parcels.transport import domain as lines
from services.parcels.transport.domain import Call, Line, Stop, instant
from services.parcels.vocabulary import Custodian, Status
from shared.validity import Span
from tests.factories.timetables import CENTRES, DAY, OFFICES, random_network


def every_run(network: Network) -> list[list[Stop]]:
    runs = []
    for line in network.lines:
        for n in range(-7, 15):
            day = DAY + timedelta(days=n)
            if line.runs_on(day):
                expected = network.changed.get((line.code, day), lines.stops(line, day))
                runs.append(list(expected or ()))
    for office, centre in network.centre_of.items():
        for n in range(15):
            day = DAY + timedelta(days=n)
            rule = network.rule(office, day)
            assert rule is not None
            if lines.runs_on(rule.days, day):
                for origin, goal, leaves, takes in (
                    (office, centre, rule.collected_min, rule.at_centre_min - rule.collected_min),
                    (centre, office, rule.sent_out_min, rule.at_office_min - rule.sent_out_min),
                ):
                    at = instant(day, leaves)
                    there = at + timedelta(minutes=takes)
                    runs.append([Stop(origin, None, at), Stop(goal, there, None)])
    return runs


def brute_force(network: Network, origin: str, goal: str, at: datetime) -> datetime | None:
    """Follow every ride from every office at every time at which it can be left."""
    runs, best = every_run(network), None
    ahead, seen = [(origin, at)], {(origin, at)}
    while ahead:
        office, ready_at = ahead.pop()
        for run in runs:
            for n, here in enumerate(run):
                if here.office != office or here.departs_at is None or here.departs_at < ready_at:
                    continue
                for there in run[n + 1 :]:
                    assert there.arrives_at is not None
                    if there.office == goal:
                        best = min(best or there.arrives_at, there.arrives_at)
                        continue
                    rests = network.sorting(there.office, DAY)
                    state = (there.office, there.arrives_at + rests)
                    if state not in seen:
                        seen.add(state)
                        ahead.append(state)
    return best


def check(network: Network, legs: Sequence[Leg], at: datetime) -> None:
    """Each leg is a ride that there is, and what comes in is ready before it goes on."""
    runs = every_run(network)
    ready_at = at
    for leg in legs:
        assert leg.departs_at >= ready_at
        assert any(
            here.office == leg.origin
            and here.departs_at == leg.departs_at
            and (leg.destination, leg.arrives_at) in {(s.office, s.arrives_at) for s in run[n:]}
            for run in runs
            for n, here in enumerate(run)
        )
        ready_at = leg.arrives_at + network.sorting(leg.destination, DAY)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32))
def test_no_way_is_faster(seed: int) -> None:
    draw = Random(seed)
    network = random_network(draw)
    for _ in range(4):
        origin, goal = draw.sample([*CENTRES, *OFFICES], 2)
        compare(network, origin, goal, instant(DAY, 30 * draw.randint(0, 96)))


def compare(network: Network, origin: str, goal: str, at: datetime) -> None:
    journey = network.journey(origin, goal, at)
    expected = brute_force(network, origin, goal, at)
    horizon = instant(DAY, 10 * 1440)
    if journey is None:
        assert expected is None or expected > horizon
        return
    assert journey.arrives_at == expected
    assert journey.legs[0].origin == origin
    assert (journey.legs[-1].destination, journey.legs[-1].arrives_at) == (goal, expected)
    check(network, journey.legs, at)
    later = network.journey(origin, goal, at + timedelta(minutes=90))
    assert later is None or later.arrives_at >= journey.arrives_at


WAY = Line(
    "A-B",
    Span(date(2019, 1, 1)),
    "road",
    127,
    (Call("A", None, 1200), Call("C", 1300, 1310), Call("B", 1400, None)),
    1,
    1,
    1,
)
RULE = FeederRule(None, date(2019, 1, 1), 127, 900, 1140, 360, 450, 510, 840, 60)
NETWORK = Network([WAY], [RULE], OFFICES)


def item(
    status: Status, custodian: Custodian | None, office: str | None, since_min: int
) -> Whereabouts:
    return Whereabouts(1, status, custodian, office, instant(DAY, since_min), "a", "b")


def test_an_estimate_goes_by_where_the_item_is() -> None:
    next_round = instant(DAY, 1440 + 840)
    in_transit, office, trip = Status.IN_TRANSIT, Custodian.OFFICE, Custodian.TRIP
    for where, now_min, by in (
        (item(Status.BOOKED, None, None, 600), 600, next_round),
        (item(Status.ACCEPTED, office, "a", 895), 895, next_round),
        (item(Status.ACCEPTED, office, "a", 905), 905, next_round + timedelta(days=1)),
        # at the centre it is sorted first: one that comes in too late takes the next evening's
        (item(in_transit, office, "A", 1140), 1150, next_round),
        (item(in_transit, office, "A", 1141), 1150, next_round + timedelta(days=1)),
        # on its way: it left 40 minutes late, it is overdue, it left at no time of the table
        (item(in_transit, trip, "A", 1240), 1250, next_round),
        (item(in_transit, trip, "A", 1210), 1440 + 340, next_round + timedelta(days=1)),
        (item(in_transit, trip, "A", 600), 610, next_round),
        (item(in_transit, trip, "a", 910), 920, next_round),
        (item(in_transit, office, "b", 450), 460, instant(DAY, 840)),
        (item(in_transit, office, "b", 450), 600, next_round),
        (item(Status.OUT_FOR_DELIVERY, Custodian.COURIER, "b", 510), 520, instant(DAY, 840)),
        (item(Status.DELIVERY_FAILED, Custodian.COURIER, "b", 700), 900, next_round),
    ):
        found = estimate(NETWORK, where, instant(DAY, now_min))
        assert (found.delivered_by, found.reason, found.office) == (by, None, "b"), where
    back = estimate(NETWORK, item(Status.RETURNING, office, "a", 400), instant(DAY, 400))
    assert (back.office, back.delivered_by) == ("a", instant(DAY, 840))


def test_where_nobody_can_tell_it_says_why() -> None:
    now, office = instant(DAY, 600), Custodian.OFFICE
    for where, reason in (
        (item(Status.DELIVERED, Custodian.RECIPIENT, None, 1), "ended"),
        (item(Status.HELD, office, "A", 1), "held"),
        (item(Status.READY_FOR_PICKUP, office, "b", 1), "waits_for_recipient"),
        (item(Status.IN_TRANSIT, Custodian.OPERATOR, None, 1), "with_another_operator"),
        (item(Status.IN_TRANSIT, office, "D", 1), "no_route"),
    ):
        found = estimate(NETWORK, where, now)
        assert (found.delivered_by, found.reason) == (None, reason)
