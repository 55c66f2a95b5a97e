"""Votes: what they amount to, for any composition, attendance, ballots and stakes."""

import hashlib
from typing import Final, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.meetings.domain import Choice, canonical, content_hash, silent, tally
from services.offices.working_group.domain import Majority, Rules, composition_faults

SEATS: Final = ("governor", "regulator", "trade_association", "post", "service_bodies")
COMMON: Final = settings(deadline=None, max_examples=150)
DEFAULT: Final = Rules(2, "votes_cast", frozenset(SEATS[:3]))

rules = st.builds(
    Rules,
    quorum=st.integers(1, 5),
    majority=st.sampled_from(get_args(Majority)),
    voting_seats=st.frozensets(st.sampled_from(SEATS), min_size=1),
)
present = st.frozensets(st.sampled_from(SEATS))
ballots = st.dictionaries(st.sampled_from(SEATS), st.sampled_from(get_args(Choice)))


@COMMON
@given(rules, present, ballots, present)
def test_no_decision_without_quorum(
    rules: Rules, present: frozenset[str], ballots: dict[str, Choice], stakes: frozenset[str]
) -> None:
    counted = tally(rules, present, ballots, stakes)
    seated = [seat for seat in present if seat in rules.voting_seats]
    assert counted.present == len(seated)
    assert (counted.outcome == "no_quorum") == (len(seated) < rules.quorum)


@COMMON
@given(rules, present, ballots, present)
def test_it_takes_more_than_half(
    rules: Rules, present: frozenset[str], ballots: dict[str, Choice], stakes: frozenset[str]
) -> None:
    """Counted anew, seat by seat; so a tie fails, and so does a matter on which all abstain."""
    counted = tally(rules, present, ballots, stakes)
    speaking = (rules.voting_seats & present) - stakes
    favour = sum(ballots.get(seat) == "for" for seat in speaking)
    against = sum(ballots.get(seat) == "against" for seat in speaking)
    assert (counted.votes_for, counted.votes_against) == (favour, against)
    if counted.outcome == "adopted":
        assert favour > against
        assert rules.majority == "votes_cast" or favour > counted.present - favour
        assert rules.majority != "all_seats" or favour > len(rules.voting_seats) - favour
    if favour == against:
        assert counted.outcome != "adopted"


@COMMON
@given(rules, present, ballots, present, st.sampled_from(SEATS), st.sampled_from(get_args(Choice)))
def test_who_has_no_say_changes_nothing(
    rules: Rules,
    present: frozenset[str],
    ballots: dict[str, Choice],
    stakes: frozenset[str],
    seat: str,
    choice: Choice,
) -> None:
    """Ballots of observers, of the absent and of those with a stake never move the outcome."""
    before = tally(rules, present, ballots, stakes)
    after = tally(rules, present, {**ballots, seat: choice}, stakes)
    if seat not in rules.voting_seats or seat not in present or seat in stakes:
        assert after.outcome == before.outcome
    # a stake costs nobody the quorum
    assert tally(rules, present, ballots, {*stakes, seat}).present == before.present


@COMMON
@given(rules, present, ballots)
def test_a_vote_in_favour_never_hurts(
    rules: Rules, present: frozenset[str], ballots: dict[str, Choice]
) -> None:
    for seat in SEATS:
        if tally(rules, present, ballots).outcome == "adopted":
            assert tally(rules, present, {**ballots, seat: "for"}).outcome == "adopted"


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        ({"governor": "for", "regulator": "for"}, "adopted"),
        ({"governor": "for", "regulator": "against"}, "rejected"),
        ({"governor": "for", "regulator": "abstain"}, "adopted"),
        ({"governor": "abstain", "regulator": "abstain"}, "rejected"),
        ({"governor": "for"}, "no_quorum"),
    ],
)
def test_the_composition_since_1388(votes: dict[str, Choice], outcome: str) -> None:
    assert tally(DEFAULT, votes, votes).outcome == outcome


def test_who_is_still_to_vote() -> None:
    assert silent(DEFAULT, ["governor", "regulator", "post"], ["governor"]) == ["regulator"]


def test_a_composition_has_votes_for_its_quorum_and_one_chair() -> None:
    assert composition_faults(2, [True, True, False], [True, False, False]) == []
    assert len(composition_faults(2, [True, False], [False, False])) == 2
    assert composition_faults(1, [True, True], [True, True]) != []


@settings(deadline=None, max_examples=60)
@given(st.text(st.sampled_from("آیé\u0301a \t\r\n\u2028")))
def test_a_document_has_one_form_and_its_hash_is_of_its_bytes(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    assert canonical(once.replace("\n", "\r\n")) == canonical(once.replace("\n", "\r")) == once
    assert content_hash("صورتجلسه\n") == hashlib.sha256("صورتجلسه\n".encode()).hexdigest()
