"""Shares of tasks outside the state part."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.aggregation.domain import STATE_KINDS, WEIGHTS, Done, task_shares

KINDS = ("post_office", "sorting_centre", "agency", "pishkhan", "rural_ict")
DONE = st.lists(
    st.builds(Done, st.sampled_from(list(WEIGHTS)), st.sampled_from(KINDS), st.integers(0, 10**9))
)


def test_weights_add_up_to_one() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)


@settings(max_examples=50)
@given(DONE)
def test_shares_are_of_what_was_done_and_the_total_lies_among_them(done: list[Done]) -> None:
    shares = task_shares(done)
    assert {row.task for row in shares.rows} == set(WEIGHTS)
    for row in shares.rows:
        of_task = [d for d in done if d.task == row.task]
        assert row.count == sum(d.times for d in of_task)
        assert row.outside_count == sum(d.times for d in of_task if d.kind not in STATE_KINDS)
        assert (row.outside_percent is None) == (row.count == 0)
    percents = [row.outside_percent for row in shares.rows if row.outside_percent is not None]
    if len(percents) < len(shares.rows):
        assert shares.total_outside_percent is None
    else:
        assert shares.total_outside_percent is not None
        assert min(percents) - 0.02 <= shares.total_outside_percent <= max(percents) + 0.02
        exact = sum(WEIGHTS[row.task] * 100 * row.outside_count / row.count for row in shares.rows)
        assert shares.total_outside_percent == pytest.approx(exact, abs=0.0051)
