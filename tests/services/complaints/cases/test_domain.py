"""The case number's check digit, what may follow what, and who sees what."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.complaints.cases import domain
from services.complaints.cases.domain import Act, CaseId
from services.complaints.vocabulary import STAGES, Stage

CASES = st.builds(CaseId, st.integers(1300, 1500), st.integers(1, 10**11 - 1))


@given(CASES)
def test_a_number_is_read_back(case: CaseId) -> None:
    assert domain.parse_number(domain.case_number(case)) == case


@pytest.mark.parametrize("written", ["C-1398-0000123-{}", "c 1398 0000123 {}", "۱۳۹۸۰۰۰۰۱۲۳{}"])
def test_people_write_it_in_many_ways(written: str) -> None:
    check = domain.case_number(CaseId(1398, 123))[-1]
    assert domain.parse_number(written.format(check)) == CaseId(1398, 123)


def test_the_number_that_messages_show() -> None:
    assert domain.case_number(CaseId(1398, 123)) == "C-1398-0000123-6"


def test_a_wrong_digit_or_a_swap_never_passes() -> None:
    number = domain.case_number(CaseId(1398, 123)).replace("-", "")
    wrong = {number[:i] + d + number[i + 1 :] for i in range(1, 13) for d in "0123456789"}
    wrong |= {number[:i] + number[i + 1] + number[i] + number[i + 2 :] for i in range(1, 12)}
    for text in wrong - {number}:
        with pytest.raises(ValueError, match="read it again"):
            domain.parse_number(text)


def test_damm_of_the_literature() -> None:
    assert domain.damm("572") == "4"  # the example of Damm's check digit in common use
    assert domain.damm("5724") == "0"


@pytest.mark.parametrize(
    "text", ["", "C-1398-123-4", "C-1398-0000123", "D-1398-0000123-7", "C" * 40]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="as it was given"):
        domain.parse_number(text)


STAGE = st.sampled_from(STAGES)
ACT = st.sampled_from(get_args(Act))


@given(st.lists(ACT, max_size=30))
@settings(max_examples=150, deadline=None)
def test_stages_follow_iso_10002(acts: list[Act]) -> None:
    """However acts come: what is before an answer, what ends a case, and what brings it back."""
    stage: Stage = "acknowledged"
    passed: list[Stage] = ["received", "acknowledged"]
    for act in acts:
        after = domain.next_stage(stage, act)
        if after is None:
            continue
        if stage == "closed":
            assert (act, after) == ("reopen", "received")
        if after == "closed":
            assert act == "close"
            assert stage in ("answered", "accepted", "contested")
        if after in ("accepted", "contested"):
            assert "answered" in passed
        if after == "investigated" and stage not in ("contested", after):
            assert stage == "assessed"
        if stage == after:
            assert act in ("message", "join", "assess", "answer")
        assert domain.is_stage(stage, act, after) or act in ("message", "join")
        stage = after
        passed.append(stage)


@given(STAGE, ACT)
def test_staff_can_always_go_on_to_an_answer_and_an_end(stage: Stage, act: Act) -> None:
    """No act leads to a stage from which a case cannot be brought to its end."""
    after = domain.next_stage(stage, act)
    if after is None or after == "closed":
        return
    ready = after if after == "accepted" else domain.next_stage(after, "answer")
    assert ready is not None
    assert domain.next_stage(ready, "close") == "closed"


def test_who_writes_back_to_an_answer_expects_another() -> None:
    written = {stage: domain.next_stage(stage, "message") for stage in STAGES}
    assert written["answered"] == written["accepted"] == "received"
    assert written["closed"] is None
    kept: tuple[Stage, ...] = ("received", "acknowledged", "assessed", "investigated", "contested")
    assert all(written[stage] == stage for stage in kept)


@given(st.integers(0, 60 * 86_400))
def test_a_case_is_reopened_within_thirty_days(seconds: int) -> None:
    closed = datetime(2019, 3, 21, tzinfo=UTC)
    at = closed + timedelta(seconds=seconds)
    assert domain.may_reopen(closed, at) == (seconds <= 30 * 86_400)


@given(st.integers(0, 5), st.integers(0, 9), st.none() | st.integers(0, 5), st.booleans())
def test_nobody_sees_anothers_words_or_what_is_internal(
    party: int, first: int, of: int | None, internal: bool
) -> None:
    seen = domain.sees(party, first, of=of, internal=internal, nth=5)
    assert not (seen and internal)
    if not internal:
        assert seen == (first < 5 if of is None else of == party)


def test_a_secret_needs_both_halves() -> None:
    secret = domain.case_secret(b"n" * 32, "key")
    assert secret == domain.case_secret(b"n" * 32, "key")
    assert (
        len({secret, domain.case_secret(b"n" * 32, "k"), domain.case_secret(b"m" * 32, "key")}) == 3
    )
    assert domain.opens(secret, domain.secret_hash(secret))
    assert not domain.opens(secret + "x", domain.secret_hash(secret))
