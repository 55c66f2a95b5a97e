"""Rules of the registry, without a database."""

import pytest

from services.offices.registry.domain import (
    EARTH_RADIUS_M,
    Kind,
    Status,
    check_sorting,
    metres,
    office_code,
    reopened,
    suspended,
)
from services.offices.registry.errors import (
    NotASortingCentre,
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
