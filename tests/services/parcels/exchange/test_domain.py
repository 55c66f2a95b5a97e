"""Numbers of dispatches and receptacles, lists against what came, directions."""

from hypothesis import given
from hypothesis import strategies as st

from services.parcels.directions.domain import direction
from services.parcels.exchange.domain import (
    compared,
    dispatch_number,
    receptacles,
    year_of,
)
from services.parcels.vocabulary import Direction
from shared.identifiers import parse_s9


@given(st.integers(1990, 2199), st.integers(-8, 1))
def test_a_years_last_digit_means_one_of_ten(now_year: int, away: int) -> None:
    assert year_of((now_year + away) % 10, now_year) == now_year + away


@given(st.lists(st.integers(1, 999_900), min_size=1, max_size=20))
def test_receptacles_are_numbered_and_the_last_says_so(weights: list[int]) -> None:
    number = dispatch_number("IRTHRADEFRAAAUN", 2019, 12)
    assert number is not None
    found = [parse_s9(code) for code in receptacles(number, weights)]
    assert [one.number for one in found] == list(range(1, len(weights) + 1))
    assert [one.last for one in found] == [False] * (len(weights) - 1) + [True]
    for one, weight in zip(found, weights, strict=True):
        assert 0 <= one.weight_hg * 100 - weight < 100
        assert one.dispatch == number


def test_a_domestic_dispatch_has_no_number() -> None:
    assert dispatch_number(None, None, None) is None


def test_lists_and_directions() -> None:
    found = compared(["a", "b"], ["b", "c"])
    assert (found.missing, found.surplus) == (["a"], ["c"])
    assert direction(came=False, went=False) is None
    assert direction(came=True, went=False) is Direction.INCOMING
    assert direction(came=False, went=True) is Direction.OUTGOING
    assert direction(came=True, went=True) is Direction.TRANSIT
