"""Quiet hours, and words with places."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.messages.domain import (
    due,
    is_quiet,
    language_of,
    pause_after,
    rendered,
    unknown_fields,
)

TEHRAN = ZoneInfo("Asia/Tehran")
MOMENTS = st.integers(1_514_764_800, 1_893_456_000).map(lambda at: datetime.fromtimestamp(at, UTC))
HOURS = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@settings(max_examples=200, deadline=None)
@given(MOMENTS, HOURS, HOURS)
def test_nobody_is_written_to_in_the_quiet_hours(
    at: datetime, quiet_from: time, quiet_until: time
) -> None:
    told = due(at, quiet_from, quiet_until)
    assert at <= told <= at + timedelta(hours=25)  # a day of 25 hours: daylight saving until 1401
    assert not is_quiet(told.astimezone(TEHRAN).time(), quiet_from, quiet_until)
    if not is_quiet(at.astimezone(TEHRAN).time(), quiet_from, quiet_until):
        assert told == at


def test_over_midnight_and_through_the_day() -> None:
    night = (time(21), time(8))
    evening = datetime(2019, 3, 21, 20, tzinfo=UTC)
    assert due(evening, *night) == datetime(2019, 3, 22, 3, 30, tzinfo=UTC)  # clocks went ahead
    noon = datetime(2019, 3, 21, 8, tzinfo=UTC)
    assert due(noon, *night) == noon
    assert due(noon, time(5), time(5)) == noon  # at no time


@pytest.mark.parametrize(
    "text", ["{name}", "{barcode!r}", "{barcode:>9}", "{", "{}", "{barcode.x}"]
)
def test_places_that_nothing_fills(text: str) -> None:
    assert unknown_fields(text)


def test_words() -> None:
    assert unknown_fields("{barcode} {code} {until} {office}") == []
    assert rendered("{barcode}: {code}", {"barcode": "1", "code": "{x}"}) == "1: {x}"
    assert [language_of(phone) for phone in ("+989123456789", "+4915112345678")] == ["fa", "en"]
    assert sum((pause_after(n) for n in range(1, 6)), timedelta()) < timedelta(hours=3)
