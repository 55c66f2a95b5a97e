"""Ranges of postal codes, without a database."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.areas.domain import CodeRange, merged, of_prefixes

prefixes = st.text("0123456789", min_size=1, max_size=10)
ranges = st.builds(
    lambda lower, size: CodeRange(lower, lower + size), st.integers(0, 60), st.integers(1, 20)
)


@settings(max_examples=60)
@given(prefixes, st.integers(0, 10**10 - 1))
def test_a_prefix_is_every_code_that_begins_with_it(prefix: str, number: int) -> None:
    code = f"{number:010d}"
    found = of_prefixes(prefix, prefix)
    assert (found.lower <= number < found.upper) == code.startswith(prefix)
    assert (found.first, found.last) == (prefix.ljust(10, "0"), prefix.ljust(10, "9"))


def test_from_one_prefix_to_another() -> None:
    assert of_prefixes("61357", "6136") == CodeRange(6_135_700_000, 6_137_000_000)
    assert of_prefixes("6", "65") == CodeRange(6_000_000_000, 6_600_000_000)
    with pytest.raises(ValueError, match="upwards"):
        of_prefixes("62", "61")


@settings(max_examples=100)
@given(st.lists(ranges, max_size=12))
def test_merged_ranges_hold_the_same_codes_and_do_not_meet(given_ranges: list[CodeRange]) -> None:
    found = merged(given_ranges)
    codes = {code for lower, upper in given_ranges for code in range(lower, upper)}
    assert {code for lower, upper in found for code in range(lower, upper)} == codes
    assert all(one.upper < other.lower for one, other in pairwise(found))
