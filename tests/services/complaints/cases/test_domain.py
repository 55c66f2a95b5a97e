"""The case number's check digit, and what may follow what."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.cases import domain
from services.complaints.cases.domain import CaseId

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


def test_closed_is_the_end_and_a_message_reopens_an_answered_case() -> None:
    acts = ("message", "answer", "close")
    table = {
        (status, act): domain.next_status(status, act)  # type: ignore[arg-type]
        for status, act in itertools.product(("received", "answered", "closed"), acts)
    }
    for status in ("received", "answered"):
        assert [table[status, act] for act in acts] == ["received", "answered", "closed"]
    assert {table["closed", act] for act in acts} == {None}


def test_a_secret_needs_both_halves() -> None:
    secret = domain.case_secret(b"n" * 32, "key")
    assert secret == domain.case_secret(b"n" * 32, "key")
    assert (
        len({secret, domain.case_secret(b"n" * 32, "k"), domain.case_secret(b"m" * 32, "key")}) == 3
    )
    assert domain.opens(secret, domain.secret_hash(secret))
    assert not domain.opens(secret + "x", domain.secret_hash(secret))
