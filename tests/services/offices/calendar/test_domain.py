"""Opening hours against a slow reference that looks at every minute of a year."""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.offices.calendar.domain import Holiday, holiday_on
from shared.calendar import TEHRAN, WEEKDAYS, Hours, Period, day_start, tehran_date
from shared.openings import Openings, library

SOAK = os.environ.get("SUSA_SOAK") == "1"
MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)
WITH_SUMMER_TIME, WITHOUT = 1398, 1402
CHANGES = (date(2019, 3, 21), date(2019, 3, 22), date(2019, 9, 21), date(2019, 9, 22))
Span = tuple[datetime, datetime]
Intervals = list[str]


@st.composite
def intervals(draw: st.DrawFn) -> Intervals:
    """Up to three in order; now and then touching, and near midnight where the clock changes."""
    edges = st.integers(0, 1440) | st.sampled_from([0, 15, 30, 45, 60, 90, 1380, 1410, 1440])
    minutes = sorted(draw(st.lists(edges, max_size=6, unique=True)))
    pairs = zip(minutes[::2], minutes[1::2], strict=False)
    return [f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in pairs]


weeks = st.builds(
    lambda lists: Hours.model_validate(dict(zip(WEEKDAYS, lists, strict=True))),
    st.lists(st.one_of(st.just([]), intervals()), min_size=7, max_size=7),
)


def days(year: int) -> st.SearchStrategy[date]:
    period = Period(year)
    return st.dates(period.start, period.end - timedelta(days=1)) | st.sampled_from(
        [day for day in CHANGES if period.start <= day < period.end] or [period.start]
    )


@cache
def walls(year: int) -> dict[date, list[int]]:
    """What the clock on the wall showed at every minute of a Jalali year, by the date it showed."""
    instant, end = Period(year).start_at, Period(year).end_at
    found: dict[date, list[int]] = {}
    while instant < end:
        local = instant.astimezone(TEHRAN)
        found.setdefault(local.date(), []).append(local.hour * 60 + local.minute)
        instant += MINUTE
    return found


@cache
def minutes_open(intervals: tuple[str, ...]) -> bytes:
    """Of the 1,440 minutes of a day, 1 where it is open."""
    clocks = [[int(t[:2]) * 60 + int(t[3:]) for t in text.split("-")] for text in intervals]
    return bytes(any(start <= minute < end for start, end in clocks) for minute in range(1440))


def slow_spans(
    week: Hours, exceptions: Mapping[date, Intervals], holidays: set[date], year: int
) -> Iterator[Span]:
    """The reference: every minute of the year is looked at."""

    def rule(day: date) -> bytes:
        if day in exceptions:
            return minutes_open(tuple(exceptions[day]))
        return minutes_open(() if day in holidays else getattr(week, WEEKDAYS[day.weekday()]))

    year_open = b"".join(
        bytes(map(rule(day).__getitem__, minutes)) for day, minutes in walls(year).items()
    )
    start, closes = Period(year).start_at, 0
    while (opens := year_open.find(1, closes)) >= 0:
        closes = year_open.find(0, opens)
        closes = len(year_open) if closes < 0 else closes
        yield start + MINUTE * opens, start + MINUTE * closes


def fast_spans(openings: Openings, year: int) -> Iterator[Span]:
    """From each opening to its closing, to the next."""
    at, end = Period(year).start_at, Period(year).end_at
    while (opens := openings.opens_next(at)) is not None and opens < end:
        at = min(openings.closes_at(opens) or end, end)
        yield opens, at


def agrees(
    week: Hours, exceptions: Mapping[date, Intervals], holidays: set[date], year: int
) -> list[Span]:
    """Asserts that both ways give the same spans, and `open_at` the same at each of their edges."""
    openings = Openings(week, exceptions, holidays.__contains__)
    spans = list(slow_spans(week, exceptions, holidays, year))
    assert list(fast_spans(openings, year)) == spans
    inside = Period(year).start_at, Period(year).end_at
    for start, end in spans:
        assert openings.open_at(start)
        assert openings.open_at(end - TICK)
        assert start == inside[0] or not openings.open_at(start - TICK)
        assert end == inside[1] or not openings.open_at(end)
    return spans


@pytest.mark.soak
@pytest.mark.parametrize("year", [WITH_SUMMER_TIME, WITHOUT])
class TestEveryInstantOfAYear:
    def test_agrees_with_looking_at_every_minute(self, year: int) -> None:
        @settings(max_examples=300 if SOAK else 5, deadline=None)
        @given(
            weeks,
            st.dictionaries(days(year), intervals(), max_size=12),
            st.sets(days(year), max_size=30),
        )
        @example(Hours(thu=("00:15-00:45",), fri=("00:15-02:00",)), {}, set())
        @example(Hours(sat=("22:00-23:30",)), {day: ["00:00-24:00"] for day in CHANGES}, set())
        def compare(week: Hours, exceptions: dict[date, Intervals], holidays: set[date]) -> None:
            agrees(week, exceptions, holidays, year)

        compare()

    def test_open_at_is_right_at_every_minute(self, year: int) -> None:
        """Of the year in a soak; otherwise at every 89th, which meets all times of day."""
        holidays = {day for n in (0, 1) for day in library(Period(year).start.year + n)}
        week = Hours(sat=("00:00-24:00",), sun=("00:30-13:00", "16:30-24:00"), fri=("08:00-09:00",))
        openings = Openings(week, {}, holidays.__contains__)
        spans = list(slow_spans(week, {}, holidays, year))
        at = Period(year).start_at
        while at < Period(year).end_at:
            spans = [span for span in spans if span[1] > at]
            assert openings.open_at(at) == (spans[0][0] <= at if spans else False)
            at += MINUTE * (1 if SOAK else 89)


def always(*_: date) -> bool:
    return False


DAILY = Hours.model_validate({day: ["08:00-12:00", "16:00-20:00"] for day in WEEKDAYS})


def tehran(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TEHRAN).astimezone(UTC)


class TestOpenings:
    DAY = date(2023, 8, 1)

    def test_an_exception_goes_before_a_holiday_before_the_week(self) -> None:
        day, after = self.DAY, self.DAY + timedelta(days=1)
        holiday = Openings(DAILY, {}, {day}.__contains__)
        assert (holiday.rule(day), holiday.rule(after)) == ("holiday", "hours")
        assert not holiday.open_at(tehran(day, 9))
        assert holiday.opens_next(tehran(day, 9)) == tehran(after, 8)
        opened = Openings(DAILY, {day: ["09:00-10:00"]}, {day}.__contains__)
        assert opened.rule(day) == "exception"
        assert opened.open_at(tehran(day, 9))
        assert opened.closes_at(tehran(day, 9, 30)) == tehran(day, 10)
        shut = Openings(DAILY, {day: []}, always)
        assert not shut.open_at(tehran(day, 9))

    def test_breaks_and_nights_without_one(self) -> None:
        openings = Openings(DAILY, {}, always)
        assert openings.closes_at(tehran(self.DAY, 9)) == tehran(self.DAY, 12)
        assert openings.closes_at(tehran(self.DAY, 13)) is None
        assert openings.opens_next(tehran(self.DAY, 13)) == tehran(self.DAY, 16)
        night = Openings(Hours(tue=("22:00-24:00",), wed=("00:00-06:00",)), {}, always)
        assert night.closes_at(tehran(self.DAY, 23)) == tehran(self.DAY + timedelta(days=1), 6)

    def test_never_and_ever(self) -> None:
        now = tehran(self.DAY, 9)
        assert Openings(Hours(), {}, always).opens_next(now) is None
        assert Openings(DAILY, {}, lambda _: True).opens_next(now) is None
        whole = Hours.model_validate({day: ["00:00-24:00"] for day in WEEKDAYS})
        ever = Openings(whole, {}, always)
        assert ever.opens_next(now) == now
        assert ever.closes_at(now) is None

    def test_a_year_of_holidays_is_waited_out(self) -> None:
        """A week's slot that falls on holidays for months is found all the same."""
        until = self.DAY + timedelta(days=300)
        openings = Openings(Hours(tue=("08:00-09:00",)), {}, lambda day: day < until)
        found = openings.opens_next(tehran(self.DAY, 9))
        assert found is not None
        assert 0 <= (tehran_date(found) - until).days < 7

    def test_days_follow_each_other_whatever_the_clock_did(self) -> None:
        """What the spans rest on: a day in Tehran is one stretch of time, since 1900."""
        day = date(1900, 1, 1)
        while day.year < 2025:  # there has been no summer time since 2022
            assert tehran_date(day_start(day)) == day
            assert tehran_date(day_start(day) - TICK) == day - timedelta(days=1)
            day += timedelta(days=1)


class TestHolidays:
    def test_nowruz_and_others_of_1398(self) -> None:
        assert library(2019)[date(2019, 3, 22)] == "عیدنوروز"
        assert date(2019, 9, 10) in library(2019)  # Ashura
        assert library(1979) == {}

    def test_what_was_said_goes_before_the_library(self) -> None:
        day, workday = date(2019, 9, 10), date(2019, 9, 11)
        said = Holiday(workday, True, "آلودگی هوا", "override", "دستور استاندار")
        assert holiday_on(day, {}).holiday
        assert not holiday_on(workday, {}).holiday
        assert holiday_on(workday, {workday: said}) is said
