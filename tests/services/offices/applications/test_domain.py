"""An application's way as a table: every path through it, searched."""

from datetime import UTC, datetime
from typing import Final, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.applications.domain import (
    FINAL,
    FLOW,
    INQUIRIES,
    Act,
    Answer,
    InquiryKind,
    State,
    due_at,
    follow,
    matters,
    not_cleared,
)
from services.offices.applications.errors import StepNotPossible
from services.offices.licensing.domain import Path

PATHS_KNOWN: Final[tuple[Path, ...]] = get_args(Path)
ACTS: Final = sorted({act for flow in FLOW.values() for _, act in flow})
STEPS_NEEDED: Final[tuple[Act, ...]] = ("complete", "visit", "agree", "clear", "issue")


def reachable(edges: dict[tuple[State, Act], State]) -> set[State]:
    found: set[State] = {"received"}
    while more := {to for (before, _), to in edges.items() if before in found} - found:
        found |= more
    return found


@pytest.mark.parametrize("path", PATHS_KNOWN)
def test_nothing_is_skipped(path: Path) -> None:
    """Take any one of the five steps away, and no path to a licence is left."""
    edges = {where: step.after for where, step in FLOW[path].items()}
    assert reachable(edges) == set(get_args(State))
    for needed in STEPS_NEEDED:
        without = {where: after for where, after in edges.items() if where[1] != needed}
        assert "licensed" not in reachable(without), needed
    assert {before for before, _ in edges} == set(get_args(State)) - FINAL


def test_who_agrees_and_who_refuses() -> None:
    for path in PATHS_KNOWN:  # each path has the name of who decides on it
        assert FLOW[path]["visited", "agree"].authority == path
        assert FLOW[path]["visited", "refuse"].authority == path
        for flow in (FLOW[path]["agreed", "refuse"], FLOW[path]["cleared", "issue"]):
            assert flow.authority == "regulator"
    assert matters("working_group", "visited") == ["agree", "refuse"]
    assert matters("working_group", "agreed") == matters("regulator", "visited") == []


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(PATHS_KNOWN), st.lists(st.sampled_from(ACTS), max_size=25))
def test_a_licence_has_all_its_steps_behind_it_in_order(path: Path, acts: list[Act]) -> None:
    """Whoever tries whatever, in any order: since its last return it took every step."""
    state: State = "received"
    done: list[Act] = []
    for act in [*acts, *STEPS_NEEDED]:
        try:
            step = follow(path, state, act)
        except StepNotPossible:
            continue
        state = step.after
        done = [] if act == "resubmit" else [*done, act]
    if state == "licensed":
        assert tuple(done) == STEPS_NEEDED


answers = st.lists(
    st.tuples(
        st.sampled_from(INQUIRIES), st.integers(1, 3), st.sampled_from([*get_args(Answer), None])
    ),
    max_size=20,
    unique_by=lambda each: each[:2],
)


@settings(deadline=None, max_examples=100)
@given(answers)
def test_cleared_when_the_newest_answer_of_every_kind_is_favourable(
    answers: list[tuple[InquiryKind, int, Answer | None]],
) -> None:
    missing = {each.split()[0] for each in not_cleared(answers)}
    for kind in INQUIRIES:
        rounds = sorted((round_, answer) for of, round_, answer in answers if of == kind)
        favourable = bool(rounds) and rounds[-1][1] == "favourable"
        assert (kind in missing) != favourable
    every = [(kind, 9, "favourable") for kind in INQUIRIES]
    assert not_cleared([*answers, *every]) == []  # type: ignore[list-item]  # literals widen


def test_an_inquiry_is_due_at_the_end_of_a_day_in_tehran() -> None:
    asked = datetime(2019, 3, 20, 21, 0, tzinfo=UTC)  # half past midnight of 21 March there
    assert due_at(asked, 1) == datetime(2019, 3, 22, 19, 30, tzinfo=UTC)
