from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendar import (
    TEHRAN,
    Period,
    jalali_date,
    jalali_text,
    month_start,
    tehran_date,
)

SECOND = timedelta(seconds=1)
modest = settings(max_examples=60, deadline=None)
years = st.integers(1301, 1499)
months = st.integers(1, 12)
periods = st.one_of(
    st.builds(Period, years),
    st.builds(Period, years, st.sampled_from([1, 2])),
    st.builds(lambda y, m: Period(y, month=m), years, months),
    st.builds(lambda y, m, d: Period(y, month=m, day=d), years, months, st.integers(1, 29)),
)


class TestPeriod:
    @pytest.mark.parametrize(
        ("text", "start", "end"),
        [
            ("1397", date(2018, 3, 21), date(2019, 3, 21)),
            ("1398-H1", date(2019, 3, 21), date(2019, 9, 23)),
            ("1398-H2", date(2019, 9, 23), date(2020, 3, 20)),
            ("1397-05", date(2018, 7, 23), date(2018, 8, 23)),
            ("1397-05-12", date(2018, 8, 3), date(2018, 8, 4)),
            ("1399-12", date(2021, 2, 19), date(2021, 3, 21)),  # 1399 was a leap year
            ("1399-12-30", date(2021, 3, 20), date(2021, 3, 21)),
            ("۱۳۹۷-۰۵", date(2018, 7, 23), date(2018, 8, 23)),
        ],
    )
    def test_known_dates(self, text: str, start: date, end: date) -> None:
        period = Period.parse(text)
        assert (period.start, period.end) == (start, end)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "97",
            "1397-5",
            "1397-H3",
            "1397-13",
            "1397-00",
            "1397-07-31",
            "1398-12-30",
            "1397-05-00",
            "1397-H1-05",
            "1299",
            "1501",
            "2018-05",
            "1397-05-12x",
            "1397\n1398",
        ],
    )
    def test_what_is_no_period(self, text: str) -> None:
        with pytest.raises(ValueError):
            Period.parse(text)

    @pytest.mark.parametrize("parts", [(1397, 1, 5, None), (1397, None, None, 3), (1397, 3)])
    def test_parts_that_do_not_go_together(self, parts: tuple[int, ...]) -> None:
        with pytest.raises(ValueError):
            Period(*parts)

    @modest
    @given(periods)
    def test_text_and_back(self, period: Period) -> None:
        assert Period.parse(str(period)) == period

    @modest
    @given(periods)
    def test_days_tile_the_period(self, period: Period) -> None:
        days = list(period.days())
        assert (days[0].start, days[-1].end) == (period.start, period.end)
        assert all(a.end == b.start for a, b in pairwise(days))
        assert len(days) == (period.end - period.start).days
        assert [str(day) for day in days] == [jalali_text(day.start) for day in days]

    @modest
    @given(periods)
    def test_months_tile_the_period(self, period: Period) -> None:
        parts = list(period.months())
        assert bool(parts) == (period.day is None)
        if parts:
            assert (parts[0].start_at, parts[-1].end_at) == (period.start_at, period.end_at)
            assert all(a.end_at == b.start_at for a, b in pairwise(parts))

    @modest
    @given(years, months, st.integers(0, 28))
    def test_a_day_s_month_begins_where_the_period_does(self, y: int, m: int, days: int) -> None:
        month = Period(y, month=m)
        assert month_start(month.start + timedelta(days=days)) == month.start
        assert month_start(month.end - timedelta(days=1)) == month.start

    @modest
    @given(periods)
    def test_previous_has_the_same_name_a_year_before(self, period: Period) -> None:
        assert str(period.previous()) == f"{period.year - 1}{str(period)[4:]}"

    def test_previous_of_a_leap_day_and_of_the_first_year(self) -> None:
        assert str(Period.parse("1399-12-30").previous()) == "1398-12-29"
        assert str(Period.parse("1300").previous()) == "1299"

    def test_halves_are_six_months(self) -> None:
        assert [str(m) for m in Period.parse("1398-H2").months()] == [
            f"1398-{month:02d}" for month in range(7, 13)
        ]


class TestInstants:
    @pytest.mark.parametrize(
        ("text", "start_at"),
        [
            ("1397", datetime(2018, 3, 20, 20, 30, tzinfo=UTC)),
            ("1397-01-02", datetime(2018, 3, 21, 20, 30, tzinfo=UTC)),  # the clock went forward
            ("1397-01-03", datetime(2018, 3, 22, 19, 30, tzinfo=UTC)),
            ("1397-06-31", datetime(2018, 9, 21, 20, 30, tzinfo=UTC)),  # it went back at 24:00
            ("1402", datetime(2023, 3, 20, 20, 30, tzinfo=UTC)),
            ("1402-05", datetime(2023, 7, 22, 20, 30, tzinfo=UTC)),  # no summer time any more
        ],
    )
    def test_historic_summer_time(self, text: str, start_at: datetime) -> None:
        assert Period.parse(text).start_at == start_at

    @modest
    @given(periods)
    def test_the_edges_fall_between_two_dates(self, period: Period) -> None:
        """Whatever the clock did that night."""
        assert tehran_date(period.start_at) == period.start
        assert tehran_date(period.start_at - SECOND) == period.start - timedelta(days=1)
        assert tehran_date(period.end_at) == period.end
        assert tehran_date(period.end_at - SECOND) == period.end - timedelta(days=1)

    def test_jalali_date_of_an_instant(self) -> None:
        assert jalali_date(datetime(2018, 8, 2, 19, 29, 59, tzinfo=UTC)) == "1397-05-11"
        assert jalali_date(datetime(2018, 8, 2, 19, 30, tzinfo=UTC)) == "1397-05-12"
        assert jalali_date(datetime(2018, 8, 3, 0, 0, tzinfo=TEHRAN)) == "1397-05-12"

    @given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
    def test_the_date_is_the_zones(self, instant: datetime) -> None:
        assert tehran_date(instant) == instant.astimezone(TEHRAN).date()
        at = tehran_date(instant).toordinal()
        edge = datetime.fromordinal(at).replace(tzinfo=TEHRAN).astimezone(UTC)
        for near in (edge - SECOND, edge, edge + SECOND):
            assert tehran_date(near) == near.astimezone(TEHRAN).date()

    def test_a_naive_instant_is_refused(self) -> None:
        naive = datetime(2018, 8, 3)  # noqa: DTZ001 - what is refused
        with pytest.raises(ValueError, match="time zone"):
            tehran_date(naive)

    @pytest.mark.parametrize("year", [1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408])
    def test_leap_years_as_the_calendar_centre_has_them(self, year: int) -> None:
        assert len(list(Period(year).days())) == 366
        assert len(list(Period(year + 1).days())) == 365
