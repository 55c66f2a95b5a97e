"""What holds of a trip however it is driven."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.trips import domain

START = datetime(2019, 3, 21, 16, 30, tzinfo=UTC)


@dataclass
class Call:
    arrives_at: datetime | None
    departs_at: datetime | None
    arrived_at: datetime | None = None
    departed_at: datetime | None = None


def minute(n: int) -> datetime:
    return START + timedelta(minutes=n)


@st.composite
def trips(draw: st.DrawFn) -> list[Call]:
    """Planned with two calls at least, recorded up to some moment, in order."""
    count = draw(st.integers(2, 5))
    planned = sorted(draw(st.sets(st.integers(0, 2000), min_size=2 * count, max_size=2 * count)))
    calls = [Call(minute(planned[2 * n]), minute(planned[2 * n + 1])) for n in range(count)]
    calls[0].arrives_at = calls[-1].departs_at = None
    known = domain.moments(calls)
    seen = draw(st.integers(0, len(known)))
    times = sorted(draw(st.lists(st.integers(-60, 3000), min_size=seen, max_size=seen)))
    for moment, at in zip(known, times, strict=False):
        name = "arrived_at" if moment.kind == "arrival" else "departed_at"
        setattr(calls[moment.n], name, minute(at))
    return calls


@settings(deadline=None, max_examples=80)
@given(trips(), st.booleans())
def test_what_is_expected_is_in_order_as_fast_as_planned_and_never_early(
    calls: list[Call], cancelled: bool
) -> None:
    known, expected = domain.moments(calls), domain.expected(calls)
    assert [m.recorded or t for m, t in zip(known, expected, strict=True)] == expected
    assert all(a <= b for a, b in pairwise(expected))
    for n, (moment, at) in enumerate(zip(known, expected, strict=True)):
        if moment.recorded is None and moment.kind == "departure":
            assert at >= moment.planned
        if moment.recorded is None and moment.kind == "arrival":
            assert at - expected[n - 1] == moment.planned - known[n - 1].planned
    seen = sum(moment.recorded is not None for moment in known)
    status = domain.status(calls, cancelled=cancelled)
    assert (domain.due_at(calls) is None) == (status == "arrived") == (seen == len(known))
    assert (status in {"planned", "cancelled"}) == (seen == 0)
    assert (status == "cancelled") == (cancelled and seen == 0)
    if seen == 0:
        assert expected == [moment.planned for moment in known]
        assert domain.delay_min(calls) == 0
    now = minute(700)
    later = domain.expected(calls, now)
    assert all(a <= b for a, b in pairwise(later))
    last = max((n for n, m in enumerate(known) if m.recorded is not None), default=-1)
    assert later[: last + 1] == expected[: last + 1]
    assert all(
        at >= max(now, then) for at, then in list(zip(later, expected, strict=True))[last + 1 :]
    )
    offices = [str(n) for n in range(len(calls))]
    flat = [at for stop in domain.stops(calls, offices) for at in stop[1:] if at is not None]
    assert flat == expected


def test_a_long_stop_makes_up_for_a_delay() -> None:
    calls = [
        Call(None, minute(0), departed_at=minute(40)),
        Call(minute(100), minute(130)),
        Call(minute(200), minute(260)),
        Call(minute(300), None),
    ]
    assert domain.delay_min(calls) == 40
    assert domain.due_at(calls) == minute(140)
    expected = [minute(40), minute(140), minute(140), minute(210), minute(260), minute(300)]
    assert domain.expected(calls) == expected
    assert domain.time_fault(calls, 1, "arrival", minute(39)) is not None
    assert domain.time_fault(calls, 1, "arrival", minute(40)) is None
    calls[1].arrived_at = minute(90)
    assert domain.delay_min(calls) == 0
    assert domain.time_fault(calls, 0, "departure", minute(91)) is not None
