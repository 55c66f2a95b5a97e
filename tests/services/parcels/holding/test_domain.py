"""How long an item waits."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.parcels.holding.domain import end_of_day, event_of
from shared.calendar import tehran_date

instants = st.integers(315_532_800, 4_102_444_800).map(lambda s: datetime.fromtimestamp(s, UTC))
days = st.integers(1, 60)


@given(instants, days)
def test_it_waits_to_the_end_of_the_last_day_in_tehran(at: datetime, wait: int) -> None:
    until = end_of_day(at, wait)
    assert tehran_date(until - timedelta(microseconds=1)) == tehran_date(at) + timedelta(wait)
    assert tehran_date(until) == tehran_date(at) + timedelta(wait + 1)
    assert end_of_day(at, wait + 1) > until > at


@given(instants, st.integers(0, 2**63 - 1))
def test_the_same_holding_ends_with_the_same_event(until: datetime, item: int) -> None:
    assert event_of(item, until) == event_of(item, until)
    assert event_of(item, until) != event_of(item, until + timedelta(days=1))
