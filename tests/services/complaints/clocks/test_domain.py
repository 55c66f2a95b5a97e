"""The clock against a slow count, minute by minute, over a year with holidays, breaks, pauses."""

import os
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.complaints.clocks import domain
from services.complaints.clocks.domain import (
    LEAP,
    Caps,
    Clock,
    Desk,
    Happening,
    Key,
    Level,
    Measure,
    Pause,
    Rule,
    State,
    Terms,
    believed,
)
from shared.calendar import TEHRAN, WEEKDAYS, Hours
from shared.openings import Openings, library
from shared.worktime import WorkTime

SOAK: Final = os.environ.get("SUSA_SOAK") == "1"
EXAMPLES: Final = 1_000 if SOAK else 30
CALENDARS: Final = 6 if SOAK else 1
MINUTE: Final = timedelta(minutes=1)
BEGIN: Final = datetime(2019, 2, 1, tzinfo=UTC)
"""In 1398 summer time began in the night to 2019-03-22 and ended in the night to 2019-09-22."""
MINUTES: Final = 400 * 24 * 60
GRID: Final = 5
"""All hours of these calendars, and Tehran's clock, change on a minute that five divides."""
LATEST_START: Final = 200 * 24 * 60


@cache
def calendar(seed: int) -> tuple[WorkTime, bytes]:
    """A year's calendar, and each of its minutes as 1 where the desk works, by the wall's clock."""
    chance = random.Random(seed)
    weeks = [(date(1900, 1, 1), _week(chance)), (date(2019, 6, 10), _week(chance))]
    days = {date(2019, 2, 1) + timedelta(chance.randrange(395)): _day(chance) for _ in range(25)}
    said = {date(2019, 2, 1) + timedelta(chance.randrange(395)): bool(n % 2) for n in range(10)}

    def holiday(day: date) -> bool:
        return said.get(day, day in library(day.year))

    work = WorkTime(*((since, Openings(week, days, holiday)) for since, week in weeks))
    works = bytearray(MINUTES)
    for minute in range(0, MINUTES, GRID):
        wall = (BEGIN + minute * MINUTE).astimezone(TEHRAN)
        day = wall.date()
        if day in days:
            intervals: Sequence[str] = days[day]
        elif holiday(day):
            intervals = ()
        else:
            week = weeks[1][1] if day >= weeks[1][0] else weeks[0][1]
            intervals = getattr(week, WEEKDAYS[day.weekday()])
        at = f"{wall.hour:02d}:{wall.minute:02d}"
        if any(i[:5] <= at < i[6:] for i in intervals):
            works[minute : minute + GRID] = b"\1" * GRID
    return work, bytes(works)


def _week(chance: random.Random) -> Hours:
    days = {day: _day(chance) for day in WEEKDAYS if day != "fri"}
    return Hours.model_validate({**days, "sat": ("07:30-12:00", "12:45-15:30")})


def _day(chance: random.Random) -> tuple[str, ...]:
    """None to three intervals, as often as not with a break."""
    edges = sorted(chance.sample(range(1, 24 * 12), 2 * chance.choice((0, 1, 2, 2, 3))))
    walls = [f"{n // 12:02d}:{n % 12 * 5:02d}" for n in edges]
    return tuple(f"{a}-{b}" for a, b in zip(walls[::2], walls[1::2], strict=True))


def at(minute: int) -> datetime:
    return BEGIN + minute * MINUTE


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(st.integers(0, LATEST_START))
    edges = draw(st.lists(st.integers(0, 60 * 24 * 60), max_size=8, unique=True).map(sorted))
    pauses = [
        (start + a, start + b if n < 3 or draw(st.booleans()) else None)
        for n, (a, b) in enumerate(zip(edges[::2], edges[1::2], strict=False))
    ]
    return {
        "calendar": draw(st.integers(1, CALENDARS)),
        "start": start,
        "need": draw(st.integers(1, 6_000)),
        "look": draw(st.integers(0, 50 * 24 * 60)),
        "pauses": pauses,
        "cap": draw(st.integers(1, 2_000)),
        "total": draw(st.integers(1, 4_000)),
    }


def counted(case: dict[str, Any]) -> tuple[int | None, int]:
    """The slow way: the minute in which the target is over, and what was elapsed at the look."""
    _, works = calendar(case["calendar"])
    used, total, count, due, elapsed = dict.fromkeys(range(8), 0), 0, 0, None, 0
    for minute in range(case["start"], MINUTES):
        if minute == case["start"] + case["look"]:
            elapsed = count
        if due is not None and minute > case["start"] + case["look"]:
            break
        if not works[minute]:
            continue
        pause = next(
            (
                n
                for n, (a, b) in enumerate(case["pauses"])
                if a <= minute and (b is None or minute < b)
            ),
            None,
        )
        if pause is not None and used[pause] < case["cap"] and total < case["total"]:
            used[pause] += 1
            total += 1
        else:
            count += 1
            if count == case["need"]:
                due = minute + 1
    return due, elapsed


@pytest.mark.soak
@settings(max_examples=EXAMPLES, deadline=None)
@given(cases())
def test_as_a_slow_count_finds_it(case: dict[str, Any]) -> None:
    work, _ = calendar(case["calendar"])
    caps = Caps(case["cap"] * MINUTE, case["total"] * MINUTE)
    desk = Desk(work, Terms(caps, []), {})
    pauses = [Pause(at(a), None if b is None else at(b)) for a, b in case["pauses"]]
    clock = Clock(Key("resolution", 1, 0), at(case["start"]), Level(case["need"], ()))
    due, elapsed = counted(case)
    times = domain.times(clock, desk, pauses, at(case["start"] + case["look"]))
    assert times.elapsed == elapsed * MINUTE
    assert times.remaining == (case["need"] - elapsed) * MINUTE
    assert times.due_at == (None if due is None else at(due))


RULES: Final = {
    "first_response": (Level(60, (15,)), Level(30, ())),
    "resolution": (Level(480, (240, 60)), Level(240, (60,)), Level(60, ())),
}


def desk_of(seed: int = 1) -> Desk:
    caps = Caps(600 * MINUTE, 900 * MINUTE)
    terms = Terms(caps, [Rule(None, None, None, RULES)])  # type: ignore[arg-type]  # a dict of literals
    return Desk(calendar(seed)[0], terms, terms.targets("delay", "normal", "web"))


def began(at_: datetime, desk: Desk) -> State:
    state = State()
    measures: tuple[Measure, ...] = ("first_response", "resolution")
    for measure in measures:
        state = domain.started(state, measure, at_, desk)
    return state


def told(happened: Sequence[Happening]) -> list[tuple[Any, ...]]:
    return [(h.at, h.kind, h.minutes, h.clock and h.clock.key) for h in happened]


@pytest.mark.soak
@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.integers(0, LATEST_START),
    st.lists(st.integers(0, 30 * 24 * 60), min_size=1, max_size=12),
    st.none() | st.integers(0, 9_000),
)
def test_whoever_looks_and_however_late_finds_the_same(
    start: int, looks: list[int], paused: int | None
) -> None:
    """Time in one go or in steps, some of them backwards: all happens once, at its own time."""
    desk = desk_of()
    state = began(at(start), desk)
    if paused is not None:
        state = replace(state, pauses=[Pause(at(start + paused), None)])
    end = max(looks)
    at_once, wanted = domain.passed(state, desk, at(start + end))
    found: list[Happening] = []
    for look in [*looks, end]:
        state, happened = domain.passed(state, desk, at(start + look))
        found += happened
    assert told(found) == told(wanted)
    assert state == at_once
    assert [h.at for h in found] == sorted(h.at for h in found)
    assert len(set(told(found))) == len(found)
    for clock in state.clocks.values():
        below = clock.key._replace(level=clock.key.level - 1)
        if clock.key.level:
            assert clock.started_at == state.clocks[below].breached_at
        if clock.breached_at is not None:
            assert clock.due_at == clock.breached_at < at(start + end)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, LATEST_START), st.integers(1, 4_000), st.integers(0, 4_000))
def test_a_breach_is_a_fact_of_due_time_and_event_time(start: int, stop: int, late: int) -> None:
    """Whether the timer came before the answer was told, or long after, or never."""
    desk = desk_of()
    state = began(at(start), desk)
    due = state.clocks[Key("first_response", 1, 0)].due_at
    assert due is not None
    passed, _ = domain.passed(state, desk, at(start + stop))
    answered = domain.stopped(passed, ["first_response"], at(start + stop))
    looked, _ = domain.passed(answered, desk, at(start + stop + late))
    clock = looked.clocks[Key("first_response", 1, 0)]
    assert (clock.breached_at is not None) is (at(start + stop) > due)
    assert clock.breached_at in {None, due}
    assert domain.state_of(clock, paused=False, now=at(start + stop + late)) == (
        "late" if at(start + stop) > due else "met"
    )


def test_what_was_contested_goes_on_where_it_was() -> None:
    desk = desk_of()
    noon = datetime(2019, 3, 2, 6, 0, tzinfo=UTC)
    state = began(noon, desk)
    key = Key("resolution", 1, 0)
    due = state.clocks[key].due_at
    answered = domain.stopped(state, domain.MEASURES, noon + timedelta(minutes=30))
    again = domain.continued(answered, noon + timedelta(days=12), desk)
    before = domain.times(answered.clocks[key], desk, answered.pauses, noon)
    after = domain.times(again.clocks[key], desk, again.pauses, noon + timedelta(days=12))
    assert (after.elapsed, after.remaining) == (before.elapsed, before.remaining)
    assert due is not None
    moved = again.clocks[key].due_at
    assert moved is not None
    assert moved > due


def test_the_closest_rule_holds_and_severity_counts_most() -> None:
    def rule(category: Any, severity: Any, channel: Any) -> Rule:
        return Rule(category, severity, channel, {"resolution": [Level(60, ())]})

    rules = [
        rule(None, None, None),
        rule("delay", None, None),
        rule("delay", None, "phone"),
        rule(None, "critical", None),
        rule("delay", "critical", "web"),
    ]
    terms = Terms(Caps(MINUTE, MINUTE), rules)
    for asked, wanted in (
        (("loss", "normal", "web"), 0),
        (("delay", "high", "web"), 1),
        (("delay", "high", "phone"), 2),
        (("delay", "critical", "phone"), 3),
        (("delay", "critical", "web"), 4),
    ):
        assert terms.targets(*asked) is rules[wanted].targets


@pytest.mark.parametrize(
    ("seen", "now", "wanted"),
    [
        (None, 0, None),  # the first look after a start proves nothing
        (0, 10, 10),
        (0, 60, 60),
        (0, 61, 0),  # a leap is believed when it is seen again
        (60, 0, 0),  # back: what was done stays done
    ],
)
def test_a_leap_of_the_clock_is_looked_at_twice(
    seen: int | None, now: int, wanted: int | None
) -> None:
    assert LEAP == 60 * MINUTE
    found = believed(None if seen is None else at(seen), at(now))
    assert found == (None if wanted is None else at(wanted))
