from datetime import UTC, date, datetime

import pytest

from services.year.days import (
    HOUR,
    Month,
    at,
    closes,
    is_working,
    rfc3339,
    working_day_after,
)


class TestMonth:
    def test_reads_prints_and_orders(self) -> None:
        assert str(Month.parse("1397-05")) == "1397-05"
        assert Month(1396, 12).next == Month(1397, 1)
        assert Month(1396, 12) < Month(1397, 1) < Month(1397, 2)

    @pytest.mark.parametrize("text", ["1397", "1397-13", "1397-00", "x-01", ""])
    def test_refuses_what_is_no_month(self, text: str) -> None:
        with pytest.raises(ValueError, match="Jalali month"):
            Month.parse(text)

    def test_leap_year(self) -> None:
        """1395 and 1399 were leap years, 1397 was not."""
        assert len(Month(1395, 12).days()) == len(Month(1399, 12).days()) == 30
        assert len(Month(1397, 12).days()) == 29
        assert Month(1397, 1).days()[0] == date(2018, 3, 21)

    def test_starts_at_midnight_in_tehran(self) -> None:
        """Khordad in summer time (+4:30), Azar in winter time (+3:30)."""
        assert rfc3339(Month(1397, 3).starts_at()) == "2018-05-21T19:30:00Z"
        assert rfc3339(Month(1397, 9).starts_at()) == "2018-11-21T20:30:00Z"


class TestDays:
    def test_week_and_holidays(self) -> None:
        assert is_working(date(2018, 7, 7))  # a Saturday
        assert not is_working(date(2018, 7, 6))  # a Friday
        assert not is_working(date(2018, 3, 21))  # Nowruz
        assert not is_working(date(2019, 2, 11))  # 22 Bahman
        assert closes(date(2018, 7, 5)) == 12 * HOUR  # a Thursday
        assert closes(date(2018, 7, 7)) == 14 * HOUR

    def test_working_day_after_skips_nowruz(self) -> None:
        assert working_day_after(date(2018, 3, 19)) == date(2018, 3, 25)
        assert working_day_after(date(2018, 7, 5), 2) == date(2018, 7, 8)

    @pytest.mark.parametrize(
        ("day", "hour", "utc"),
        [
            (date(2018, 7, 7), 8, datetime(2018, 7, 7, 3, 30, tzinfo=UTC)),
            (date(2018, 12, 8), 8, datetime(2018, 12, 8, 4, 30, tzinfo=UTC)),
            (date(2018, 3, 22), 5, datetime(2018, 3, 22, 0, 30, tzinfo=UTC)),  # clocks changed
            (date(2018, 9, 22), 5, datetime(2018, 9, 22, 1, 30, tzinfo=UTC)),  # clocks changed
        ],
    )
    def test_at_is_the_clock_on_the_wall(self, day: date, hour: int, utc: datetime) -> None:
        assert at(day, hour * HOUR) == int(utc.timestamp())
