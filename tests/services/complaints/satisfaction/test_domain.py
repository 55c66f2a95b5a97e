"""Shares and their intervals."""

from math import isclose, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.complaints.satisfaction.domain import Z_95, compared_with, figures, of_score, wilson
from shared.calendar import Period

counts = st.integers(1, 50_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def score_statistic(share: float, successes: int, trials: int) -> float:
    """How many standard errors a true share would be off: what Wilson's interval inverts."""
    return abs(successes / trials - share) - Z_95 * sqrt(share * (1 - share) / trials)


def bisected(low: float, high: float, successes: int, trials: int) -> float:
    """Where the statistic changes sign between two shares, the first of them outside."""
    for _ in range(200):
        middle = (low + high) / 2
        if score_statistic(middle, successes, trials) > 0:
            low = middle
        else:
            high = middle
    return high


@settings(max_examples=100)
@given(counts)
def test_wilson_is_where_the_score_test_just_does_not_reject(told: tuple[int, int]) -> None:
    successes, trials = told
    interval = wilson(successes, trials)
    assert interval is not None
    share = successes / trials
    assert 0 <= interval.low <= share <= interval.high <= 1
    low = bisected(0.0, share, successes, trials) if successes else 0.0
    high = bisected(1.0, share, successes, trials) if successes < trials else 1.0
    assert isclose(interval.low, low, abs_tol=1e-9)
    assert isclose(interval.high, high, abs_tol=1e-9)


@settings(max_examples=50)
@given(counts)
def test_wilson_is_symmetric(told: tuple[int, int]) -> None:
    successes, trials = told
    one, other = wilson(successes, trials), wilson(trials - successes, trials)
    assert one is not None
    assert other is not None
    assert isclose(one.low, 1 - other.high, abs_tol=1e-12)


def test_wilson_of_the_textbook() -> None:
    """81 of 263, as in Newcombe (Statistics in Medicine 17, 1998, table I, method 3)."""
    interval = wilson(81, 263)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 0) is None


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("1397", "1396"),
        ("1398-H1", "1397-H2"),
        ("1398-H2", "1398-H1"),
        ("1398-01", "1397-12"),
        ("1398-07", "1398-06"),
    ],
)
def test_the_period_before(period: str, before: str) -> None:
    found = Period.parse(period)
    assert str(compared_with(found, "period_before")) == before
    assert compared_with(found, "period_before").end == found.start
    assert compared_with(found, "year_before") == found.previous()


@given(st.lists(st.integers(1, 5), max_size=40))
def test_satisfied_are_four_and_five(scores: list[int]) -> None:
    total = of_score(1)
    for score in scores:
        total = total.plus(of_score(score))
    told = figures(total)
    assert told["answered"] == len(scores) + 1
    assert told["satisfied"] == sum(score >= 4 for score in scores)
    assert told["small"] == (len(scores) + 1 < 30)
