from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.calendar import TEHRAN, WEEKDAYS, Hours, day_start, open_at, opens_next

MINUTE = timedelta(minutes=1)
OFFICE = Hours.model_validate(
    {day: ["07:30-14:00"] for day in ("sat", "sun", "mon", "tue", "wed")}
    | {"thu": ["07:30-12:00"], "fri": []}
)


def tehran(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=TEHRAN).astimezone(UTC)


@st.composite
def intervals(draw: st.DrawFn) -> list[str]:
    """Up to three in order; now and then touching, and near midnight where the clock changes."""
    edges = st.integers(0, 1440) | st.sampled_from([0, 15, 30, 45, 60, 90, 1380, 1410, 1440])
    minutes = sorted(draw(st.lists(edges, max_size=6, unique=True)))
    pairs = zip(minutes[::2], minutes[1::2], strict=False)
    return [f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in pairs]


weeks = st.builds(
    lambda lists: Hours.model_validate(dict(zip(WEEKDAYS, lists, strict=True))),
    st.lists(st.one_of(st.just([]), intervals()), min_size=7, max_size=7),
)
# Ordinary days, and both sides of the nights on which the clock changed.
days = st.dates(date(2017, 1, 1), date(2024, 12, 31)) | st.sampled_from(
    [date(2018, 3, 21), date(2018, 3, 22), date(2018, 9, 21), date(2018, 9, 22), date(2020, 3, 20)]
)


def slow_next(hours: Hours, instant: datetime, until: datetime) -> datetime | None:
    """The reference: walk from minute to minute."""
    while instant < until:
        local = instant.astimezone(TEHRAN)
        minute = local.hour * 60 + local.minute
        for text in getattr(hours, WEEKDAYS[local.weekday()]):
            start, end = (int(t[:2]) * 60 + int(t[3:]) for t in text.split("-"))
            if start <= minute < end:
                return instant
        instant = instant.replace(second=0) + MINUTE
    return None


class TestOpensNext:
    @settings(max_examples=40, deadline=None)
    @given(weeks, days, st.integers(0, 24 * 3600 - 1))
    @example(Hours(thu=("00:15-00:45",)), date(2018, 3, 21), 0)  # a slot that summer time skipped
    @example(Hours(thu=("00:15-02:00",)), date(2018, 3, 21), 0)  # one entered in its midst
    @example(Hours(fri=("22:00-23:30",)), date(2018, 9, 21), 86_000)  # an hour that came twice
    def test_agrees_with_walking_by_the_minute(self, hours: Hours, day: date, second: int) -> None:
        instant = day_start(day) + timedelta(seconds=second)
        horizon = instant + timedelta(days=3)
        slow = slow_next(hours, instant, horizon)
        assert open_at(hours, instant) == (slow == instant)
        fast = opens_next(hours, instant)
        if slow is not None:
            assert fast == slow
        else:
            assert fast is None or fast >= horizon

    def test_closed_for_ever(self) -> None:
        assert opens_next(Hours(), tehran("2018-08-03", "10:00")) is None

    def test_a_slot_skipped_by_summer_time_comes_a_week_later(self) -> None:
        hours = Hours(thu=("00:15-00:45",))
        assert opens_next(hours, tehran("2018-03-21", "12:00")) == tehran("2018-03-29", "00:15")


class TestOpenAt:
    @pytest.mark.parametrize(
        ("day", "clock", "is_open", "opens"),
        [
            ("2018-08-04", "07:29", False, ("2018-08-04", "07:30")),
            ("2018-08-04", "07:30", True, ("2018-08-04", "07:30")),
            ("2018-08-04", "13:59", True, ("2018-08-04", "13:59")),
            ("2018-08-04", "14:00", False, ("2018-08-05", "07:30")),
            ("2018-08-09", "12:00", False, ("2018-08-11", "07:30")),  # Thursday noon to Saturday
        ],
    )
    def test_an_office(
        self,
        day: str,
        clock: str,
        is_open: bool,
        opens: tuple[str, str],
    ) -> None:
        instant = tehran(day, clock)
        assert open_at(OFFICE, instant) is is_open
        assert opens_next(OFFICE, instant) == tehran(*opens)

    def test_a_naive_instant_is_refused(self) -> None:
        naive = datetime(2018, 8, 3)  # noqa: DTZ001 - what is refused
        with pytest.raises(ValueError, match="time zone"):
            open_at(OFFICE, naive)


class TestHours:
    def test_spelling_is_made_one(self) -> None:
        hours = Hours.model_validate({"sat": ["۷:۳۰ – ۱۲:۰۰", "12:00-24:00"]})
        assert hours.sat == ("07:30-12:00", "12:00-24:00")
        assert hours.fri == ()

    def test_round_trip(self) -> None:
        assert Hours.model_validate_json(OFFICE.model_dump_json()) == OFFICE
        assert OFFICE.model_dump(mode="json")["thu"] == ["07:30-12:00"]

    @pytest.mark.parametrize(
        ("bad", "fix"),
        [
            ({"sat": ["7-14"]}, "07:30-14:00"),
            ({"sat": ["14:00-07:30"]}, "split a night"),
            ({"sat": ["07:30-07:30"]}, "forward"),
            ({"sat": ["07:60-08:00"]}, "00:00 to 24:00"),
            ({"sat": ["07:00-24:01"]}, "00:00 to 24:00"),
            ({"sat": ["10:00-12:00", "08:00-09:00"]}, "in order"),
            ({"sat": ["08:00-12:00", "11:59-13:00"]}, "do not overlap"),
            ({"saturday": []}, "not permitted"),
            ({"sat": ["00:00-00:01"] * 7}, "at most 6"),
        ],
    )
    def test_refused_with_the_fix(self, bad: dict[str, Any], fix: str) -> None:
        with pytest.raises(ValidationError, match=fix):
            Hours.model_validate(bad)
