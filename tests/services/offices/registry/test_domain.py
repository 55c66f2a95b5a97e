"""Rules of the registry, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.registry.domain import (
    EARTH_RADIUS_M,
    HISTORICAL,
    Kind,
    Status,
    check_sorting,
    closed,
    metres,
    office_code,
    past_kinds,
    reopened,
    suspended,
)
from services.offices.registry.errors import (
    HistoricalKind,
    HistoryUnsound,
    NotASortingCentre,
    OfficeClosed,
    OfficeNotActive,
    OfficeNotSuspended,
    SortsForItself,
)


def test_codes_have_five_digits() -> None:
    assert office_code("KZ", 12) == "KZ00012"
    assert office_code("KZ", 99_999) == "KZ99999"


def test_a_quarter_and_half_of_the_earth() -> None:
    quarter = EARTH_RADIUS_M * 3.141592653589793 / 2
    assert metres(2**0.5) == round(quarter)
    assert metres(2.0000000000000004) == round(2 * quarter)  # rounding past the diameter
    assert metres(0.0) == 0


def test_suspend_and_reopen() -> None:
    assert suspended("active") == "suspended"
    assert reopened("suspended") == "active"
    not_active: tuple[Status, ...] = ("suspended", "closed")
    for status in not_active:
        with pytest.raises(OfficeNotActive):
            suspended(status)
    assert closed("active") == closed("suspended") == "closed"
    with pytest.raises(OfficeClosed):
        closed("closed")
    not_suspended: tuple[Status, ...] = ("active", "closed")
    for status in not_suspended:
        with pytest.raises(OfficeNotSuspended):
            reopened(status)


@pytest.mark.parametrize("kind", ["post_office", "agency", "pishkhan", "rural_ict"])
def test_only_sorting_centres_sort_for_others(kind: Kind) -> None:
    check_sorting(kind, None)
    check_sorting(kind, "sorting_centre")
    check_sorting("sorting_centre", None)
    with pytest.raises(NotASortingCentre):
        check_sorting(kind, kind)
    with pytest.raises(SortsForItself):
        check_sorting("sorting_centre", "sorting_centre")


TODAY = date(2019, 3, 21)
kinds = st.sampled_from(["post_office", "agency", "pishkhan", *HISTORICAL])
dates = st.dates(date(1999, 1, 1), date(2019, 4, 1))


class TestPastKinds:
    @settings(max_examples=150)
    @given(kinds, dates, st.lists(st.tuples(kinds, dates), max_size=4))
    def test_periods_follow_each_other_up_to_today(
        self, kind: Kind, founded_on: date, past: list[tuple[Kind, date]]
    ) -> None:
        """Whatever is let in is without gap or overlap, and of no kind before its time."""
        try:
            periods = past_kinds(kind, founded_on, past, TODAY)
        except (HistoryUnsound, HistoricalKind):
            return
        begin = founded_on
        for period, (earlier, until) in zip(periods, past, strict=True):
            assert (period.kind, period.valid_until) == (earlier, until)
            assert period.valid_from == begin <= until < TODAY
            assert begin >= HISTORICAL.get(earlier, begin)
            begin = until + timedelta(days=1)
        assert HISTORICAL.get(kind, begin) <= begin <= TODAY

    def test_what_is_refused(self) -> None:
        founded, day = date(2004, 1, 1), timedelta(days=1)
        refused: list[list[tuple[Kind, date]]] = [
            [("agency", TODAY)],  # it is something else today
            [("agency", founded - day)],
            [("agency", date(2010, 1, 1)), ("agency", date(2010, 1, 1))],
        ]
        for past in refused:
            with pytest.raises(HistoryUnsound):
                past_kinds("pishkhan", founded, past, TODAY)
        with pytest.raises(HistoryUnsound):
            past_kinds("pishkhan", TODAY + day, [], TODAY)
        with pytest.raises(HistoryUnsound):
            past_kinds("pishkhan", None, [("agency", founded)], TODAY)
        for kind, first in HISTORICAL.items():
            past_kinds(kind, first, [], TODAY)
            with pytest.raises(HistoricalKind):
                past_kinds(kind, first - day, [], TODAY)
            with pytest.raises(HistoricalKind):
                past_kinds(kind, None, [], TODAY)
