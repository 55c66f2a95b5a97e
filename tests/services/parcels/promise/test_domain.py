"""The promise as a pure function: what holds of it whatever the calendar, terms and pauses are."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.parcels.promise.domain import (
    USUAL_WEEK,
    Business,
    Facts,
    Moment,
    Pause,
    Target,
    judge,
    pauses_of,
    promised_at,
)
from services.parcels.vocabulary import Event, Status
from shared.calendar import TEHRAN, WEEKDAYS, Hours, tehran_date
from shared.openings import Openings, library

MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)
FIRST = date(1900, 1, 1)

# 1398: summer time began in the night to 2019-03-22 and ended in the night to 2019-09-22
starts = st.datetimes(datetime(2019, 3, 1), datetime(2019, 10, 1), timezones=st.just(UTC))  # noqa: DTZ001 - st.datetimes wants naive bounds
edges = st.integers(0, 96).map(lambda quarter: quarter * 15)


@st.composite
def intervals(draw: st.DrawFn) -> list[str]:
    minutes = sorted(draw(st.lists(edges, max_size=4, unique=True)))
    pairs = zip(minutes[::2], minutes[1::2], strict=False)
    return [f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in pairs]


def always(openings: Openings) -> Business:
    return Business((FIRST, openings))


@st.composite
def businesses(draw: st.DrawFn) -> Business:
    week = draw(st.lists(intervals(), min_size=7, max_size=7))
    assume(any(week))
    days = st.dates(date(2019, 3, 1), date(2019, 10, 30))
    exceptions: dict[date, Sequence[str]] = dict(
        draw(st.dictionaries(days, intervals(), max_size=4))
    )
    hours = Hours.model_validate(dict(zip(WEEKDAYS, week, strict=True)))
    return always(Openings(hours, exceptions, lambda day: day in library(day.year)))


targets = st.builds(
    lambda n, cutoff: Target(24 * n, "working_days", cutoff), st.integers(1, 6), st.none() | edges
) | st.builds(
    lambda n, cutoff: Target(n, "office_hours", cutoff), st.integers(1, 30), st.none() | edges
)


@st.composite
def pauses(draw: st.DrawFn) -> list[Pause]:
    found = []
    for since in draw(st.lists(starts, max_size=3)):
        until = since + timedelta(hours=draw(st.integers(0, 200)))
        found.append(Pause(since, until, "force_majeure"))
    return found


def test_a_week_by_hand() -> None:
    """Usual weeks, Persian holidays: what a clerk would say."""
    business = always(Openings(USUAL_WEEK, {}, lambda day: day in library(day.year)))
    express = Target(24, "working_days", 11 * 60)

    def due(at: str, target: Target = express, *paused: tuple[str, str]) -> str:
        away = [Pause(_tehran(a), _tehran(b), "customs") for a, b in paused]
        found = promised_at(_tehran(at), target, business, away)
        assert found is not None
        return f"{found.astimezone(TEHRAN):%Y-%m-%d %H:%M}"

    assert due("2019-05-11 10:59") == "2019-05-12 16:00"  # Saturday, in time
    assert due("2019-05-11 11:00") == "2019-05-13 16:00"  # too late: of Sunday
    assert due("2019-05-08 09:00") == "2019-05-09 12:00"  # Wednesday: Thursday is half
    assert due("2019-05-09 09:00") == "2019-05-11 16:00"  # Thursday: Friday is closed
    assert due("2019-05-10 09:00") == "2019-05-12 16:00"  # accepted on a Friday: of Saturday
    assert due("2019-06-03 09:00") == "2019-06-08 16:00"  # 14 and 15 Khordad, Eid: holidays
    special = Target(3, "office_hours", None)
    assert due("2019-05-11 10:00", special) == "2019-05-11 13:00"
    assert due("2019-05-11 15:00", special) == "2019-05-12 10:00"
    assert due("2019-05-11 06:00", special) == "2019-05-11 11:00"
    # paused two hours and a half of opening time: half an hour before closing does not count
    assert due("2019-05-11 09:00", express, ("2019-05-11 15:30", "2019-05-12 10:00")) == (
        "2019-05-13 10:30"
    )
    # overlapping pauses count once, and one at night counts nothing
    overlapping = (
        ("2019-05-11 10:00", "2019-05-11 12:00"),
        ("2019-05-11 11:00", "2019-05-11 13:00"),
    )
    assert due("2019-05-11 09:00", express, *overlapping) == "2019-05-13 11:00"
    assert due("2019-05-11 09:00", express, ("2019-05-11 18:00", "2019-05-12 06:00")) == (
        "2019-05-12 16:00"
    )


def _tehran(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=TEHRAN)


@settings(max_examples=40, deadline=None)
@given(businesses(), targets, starts, st.timedeltas(timedelta(), timedelta(days=3)))
def test_later_acceptance_never_promises_earlier(
    business: Business, target: Target, start: datetime, later: timedelta
) -> None:
    first, second = (promised_at(at, target, business) for at in (start, start + later))
    assert first is not None
    assert second is not None
    assert start < first <= second


@settings(max_examples=40, deadline=None)
@given(businesses(), targets, starts, pauses(), pauses())
def test_pauses_only_lengthen_and_no_promise_is_on_a_closed_day(
    business: Business, target: Target, start: datetime, some: list[Pause], more: list[Pause]
) -> None:
    plain, paused, longer = (
        promised_at(start, target, business, found) for found in ((), some, [*some, *more])
    )
    assert plain is not None
    assert paused is not None
    assert longer is not None
    assert plain <= paused <= longer
    openings = business.openings(FIRST)
    for due in (plain, paused, longer):
        assert business.works(tehran_date(due - TICK))
        assert openings.open_at(due - TICK)
    closed = [p for p in some if not _open_within(business, p)]
    assert promised_at(start, target, business, closed) == plain


def _open_within(business: Business, pause: Pause) -> bool:
    assert pause.until is not None
    opens = business.openings(FIRST).opens_next(pause.since)
    return opens is not None and opens < pause.until


@settings(max_examples=20, deadline=None)
@given(businesses(), st.integers(1, 30), starts, pauses())
def test_hours_are_counted_as_minute_by_minute(
    business: Business, hours: int, start: datetime, away: list[Pause]
) -> None:
    """Against a slow reference that looks at every minute."""
    start = _minute(start)
    away = [Pause(_minute(p.since), _minute(p.until or p.since), p.kind) for p in away]
    due = promised_at(start, Target(hours, "office_hours", None), business, away)
    assert due is not None
    counted, at, openings = 0, start, business.openings(FIRST)
    while counted < hours * 60 and at < start + timedelta(days=40):
        stopped = any(p.since <= at < (p.until or at) for p in away)
        counted += openings.open_at(at) and not stopped
        at += MINUTE
    if counted == hours * 60:
        assert due == at
    else:
        assert due > at


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def facts(status: Status, events: Sequence[tuple[Event, str, str | None]], **more: Any) -> Facts:
    business = always(Openings(USUAL_WEEK, {}, lambda _: False))
    moments = [Moment(int(event), _tehran(at), reason) for event, at, reason in events]
    start = moments[0].at
    known: dict[str, Any] = {
        "item_id": 1,
        "status": status,
        "booked_at": start,
        "accepted_at": start,
        "ended_at": None,
        "promised_at": start,
        "target": Target(24, "working_days", None),
        "business": business,
        "moments": moments,
    }
    return Facts(**(known | more))


ACCEPTED = (Event.ACCEPTANCE, "2019-05-11 09:00", None)


def test_only_lawful_reasons_pause_and_until_the_next_event() -> None:
    held = [
        ACCEPTED,
        (Event.HELD, "2019-05-11 10:00", "customs"),
        (Event.HELD, "2019-05-11 11:00", "damaged"),
        (Event.HELD, "2019-05-11 12:00", None),
        (Event.ARRIVAL, "2019-05-11 13:00", "customs"),
        (Event.DELIVERY_FAILED, "2019-05-12 10:00", "delivery_later"),
    ]
    found = facts(Status.DELIVERY_FAILED, held)
    assert [(p.since, p.until, p.kind) for p in pauses_of(found.moments)] == [
        (_tehran("2019-05-11 10:00"), _tehran("2019-05-11 11:00"), "customs"),
        (_tehran("2019-05-12 10:00"), None, "recipient_request"),
    ]
    verdict = judge(found)
    assert verdict.promised_at == _tehran("2019-05-13 09:00")  # Sunday's end, and an hour more
    assert (verdict.live, verdict.pausing, verdict.paused, verdict.late) == (
        True,
        True,
        True,
        False,
    )


def test_the_end_decides_whether_it_was_kept() -> None:
    due, late = _tehran("2019-05-12 16:00"), _tehran("2019-05-12 16:01")
    for end, expected in ((due, False), (late, True)):
        verdict = judge(facts(Status.DELIVERED, [ACCEPTED], ended_at=end))
        assert (verdict.promised_at, verdict.live, verdict.late) == (due, False, expected)
    # on the way back, the turn is the end
    turned = [ACCEPTED, (Event.RETURN_STARTED, "2019-05-12 10:00", None)]
    for status, ended in ((Status.RETURNING, None), (Status.RETURNED, _tehran("2019-05-20 10:00"))):
        verdict = judge(facts(status, turned, ended_at=ended))
        assert (verdict.live, verdict.late) == (False, False)
    assert judge(facts(Status.LOST, [ACCEPTED], ended_at=_tehran("2019-05-11 12:00"))).late
    # a pause that never ended is as long as the item's way: whoever was waited for was in time
    held = [ACCEPTED, (Event.HELD, "2019-05-12 10:00", "recipient_request")]
    waited = facts(Status.DELIVERED, held, ended_at=_tehran("2019-05-20 10:00"))
    assert not judge(waited).late
    # one that began after the time had run out does not mend it
    held = [ACCEPTED, (Event.HELD, "2019-05-13 10:00", "recipient_request")]
    assert judge(facts(Status.DELIVERED, held, ended_at=_tehran("2019-05-20 10:00"))).late
    unpromised = facts(Status.ACCEPTED, [ACCEPTED], target=None)
    assert judge(unpromised).promised_at == unpromised.promised_at


def test_a_week_holds_from_its_day_on() -> None:
    """Accepted on Saturday; from Sunday on the office closes at noon."""
    later = USUAL_WEEK.model_copy(update={"sun": ("08:00-12:00",), "sat": ("08:00-12:00",)})
    weeks = [(FIRST, USUAL_WEEK), (date(2019, 5, 12), later)]
    business = Business(*((since, Openings(week, {}, lambda _: False)) for since, week in weeks))
    express = Target(24, "working_days", None)
    assert promised_at(_tehran("2019-05-11 13:00"), express, business) == _tehran(
        "2019-05-12 12:00"
    )
    assert promised_at(_tehran("2019-05-18 13:00"), express, business) == _tehran(
        "2019-05-20 16:00"
    )
