"""Timetables, and what holds of every run of a line whatever the clocks do."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.transport import domain
from services.parcels.transport.domain import Call, Line, instant
from shared.calendar import TEHRAN
from shared.validity import Span

SPRING, AUTUMN = date(2019, 3, 21), date(2019, 9, 20)
"""In their nights the clock was put on and back (until 1401)."""


def line(*calls: Call, days: int = 127, span: Span | None = None) -> Line:
    return Line("L-1", span or Span(date(2019, 1, 1)), "road", days, calls, 1, 1, 1)


@st.composite
def calls(draw: st.DrawFn) -> tuple[Call, ...]:
    times = sorted(draw(st.sets(st.integers(0, 3 * 1440), min_size=2, max_size=8)))
    times = times[: len(times) // 2 * 2]
    offices = [f"KZ{n:05d}" for n in range(len(times) // 2 + 1)]
    departs, arrives = times[::2], times[1::2]
    return (
        Call(offices[0], None, departs[0]),
        *(Call(office, arrives[n], departs[n + 1]) for n, office in enumerate(offices[1:-1])),
        Call(offices[-1], arrives[-1], None),
    )


@settings(deadline=None, max_examples=60)
@given(calls(), st.sampled_from([SPRING, AUTUMN, date(2019, 5, 4), date(2023, 3, 21)]))
def test_a_run_goes_forward_as_fast_as_its_timetable_says_and_leaves_no_earlier(
    called: tuple[Call, ...], day: date
) -> None:
    assert domain.calls_fault(called) is None
    hops = list(domain.hops(line(*called), day))
    assert len(hops) == len(called) - 1
    for hop, (here, there) in zip(hops, pairwise(called), strict=True):
        assert here.departs is not None
        assert there.arrives is not None
        assert hop.arrives_at - hop.departs_at == timedelta(minutes=there.arrives - here.departs)
        assert hop.departs_at >= instant(day, here.departs)
        assert hop.departs_at - instant(day, here.departs) <= timedelta(hours=1)
    assert all(a.arrives_at <= b.departs_at for a, b in pairwise(hops))


def test_a_night_train_is_late_in_spring_and_waits_in_autumn() -> None:
    night = line(
        Call("KZ00012", None, 22 * 60),
        Call("KZ00013", 24 * 60 + 120, 24 * 60 + 150),
        Call("KZ00014", 24 * 60 + 240, None),
    )
    spring, autumn = (domain.stops(night, day) for day in (SPRING, AUTUMN + timedelta(days=1)))

    def shown(stops: list[domain.Stop]) -> list[str]:
        return [
            at.astimezone(TEHRAN).strftime("%H:%M")
            for stop in stops
            for at in (stop.arrives_at, stop.departs_at)
            if at is not None
        ]

    assert shown(spring) == ["22:00", "03:00", "03:00", "04:30"]
    assert shown(autumn) == ["22:00", "01:00", "02:30", "04:00"]


def test_runs_are_on_the_days_of_the_week_within_validity() -> None:
    days = domain.days_of(["sat", "thu"])
    assert domain.weekdays(days) == ["sat", "thu"]
    weekly = line(Call("A", None, 1), Call("B", 2, None), days=days, span=Span(date(2019, 3, 21)))
    found = [day for _, day in domain.runs([weekly], date(2019, 3, 1), date(2019, 3, 30))]
    assert [str(day) for day in found] == ["2019-03-21", "2019-03-23", "2019-03-28", "2019-03-30"]
    assert all(weekly.runs_on(day) for day in found)


def test_calls_that_no_vehicle_could_make() -> None:
    for called, fault in (
        ((Call("A", 1, 2), Call("B", 3, None)), "the first call only departs"),
        ((Call("A", None, 2), Call("B", 3, 4)), "the first call only departs"),
        ((Call("A", None, 5), Call("B", 5, None)), "call 2 arrives before call 1 departs"),
        ((Call("A", None, 5), Call("B", 7, 6), Call("C", 9, None)), "call 2 departs before"),
        ((Call("A", None, 5), Call("B", 7, None), Call("C", 9, None)), "every call between"),
        ((Call("A", None, 5), Call("A", 7, None)), "calls 1 and 2 are of one office"),
    ):
        assert fault in str(domain.calls_fault(called))
