"""Working days from delivery."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.returns.domain import hand_in_until, is_off, working_day_after

days = st.dates(date(2000, 1, 1), date(2030, 12, 31))


@settings(max_examples=60)
@given(days, st.integers(0, 12), st.sets(st.integers(1, 12), max_size=5))
def test_so_many_working_days_lie_between(day: date, count: int, closed: set[int]) -> None:
    off = {day + timedelta(days=n) for n in closed}
    last = working_day_after(day, count, off.__contains__)
    passed = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert sum(one not in off for one in passed) == count
    assert last not in off or count == 0


@settings(max_examples=60)
@given(st.integers(0, 250_000), st.integers(1, 10))
def test_a_later_delivery_or_a_longer_term_ends_no_earlier(hours: int, count: int) -> None:
    delivered = datetime(2001, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    until = hand_in_until(delivered, count)
    assert until - delivered >= timedelta(days=count)
    assert hand_in_until(delivered + timedelta(hours=30), count) >= until
    assert hand_in_until(delivered, count + 1) > until


def test_nowruz_and_fridays_do_not_count() -> None:
    assert is_off(date(2019, 3, 24))  # fourth of Farvardin
    assert not is_off(date(2019, 3, 25))
    until = hand_in_until(datetime(2019, 3, 21, 8, tzinfo=UTC), 7)
    assert until == datetime(2019, 4, 4, 19, 30, tzinfo=UTC)
