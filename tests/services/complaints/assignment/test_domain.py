"""Whose case it becomes."""

from hypothesis import given
from hypothesis import strategies as st

from services.complaints.assignment import domain
from services.complaints.assignment.domain import LEVELS, Candidate

ACCOUNTS = st.sampled_from("abcdefgh")


@given(
    st.lists(st.builds(Candidate, ACCOUNTS, st.sampled_from(LEVELS)), max_size=8),
    st.dictionaries(ACCOUNTS, st.integers(0, 5)),
)
def test_the_nearest_with_the_fewest(found: list[Candidate], burden: dict[str, int]) -> None:
    near = domain.nearest(found)
    if near is None:
        assert not found
        return
    level, accounts = near
    assert all(LEVELS.index(one.level) >= LEVELS.index(level) for one in found)
    chosen = domain.least_burdened(accounts, burden)
    assert Candidate(chosen, level) in found
    assert all(burden.get(chosen, 0) <= burden.get(other, 0) for other in accounts)


@given(st.integers(1, 6), st.integers(0, 40))
def test_dealt_out_one_by_one_nobody_has_two_more(officers: int, cases: int) -> None:
    accounts = [f"o{n}" for n in range(officers)]
    burden = dict.fromkeys(accounts, 0)
    for _ in range(cases):
        burden[domain.least_burdened(accounts, burden)] += 1
    assert max(burden.values()) - min(burden.values()) <= 1
