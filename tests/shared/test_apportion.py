import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.apportion import apportion

WEIGHTS = st.lists(st.integers(0, 10**7), min_size=1, max_size=40).filter(any)


@given(st.integers(0, 10**9), WEIGHTS)
def test_parts_sum_and_keep_within_one_of_the_quota(total: int, weights: list[int]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - total * weight) < whole


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (7, [0, 1], [0, 7]),
        (0, [5, 5], [0, 0]),
        (3, [6, 5, 1], [2, 1, 0]),
    ],
)
def test_known_shares(total: int, weights: list[int], parts: list[int]) -> None:
    assert apportion(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (5, [0, 0]), (5, [2, -1])])
def test_what_cannot_be_shared_is_refused(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="non-negative"):
        apportion(total, weights)
