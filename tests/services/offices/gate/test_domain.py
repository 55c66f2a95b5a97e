"""The gate against a naive reference that asks each day for itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.gate.domain import NEEDS, Gate, Paper, changes_next, gate
from shared.calendar import day_start

FIRST = date(2018, 3, 1)
"""The days drawn cross both changes of Tehran's clock, at 22 March and 22 September 2018."""
LAST = 400


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


@st.composite
def paper_lists(draw: st.DrawFn) -> list[Paper]:
    papers = []
    for n in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, 250))
        length = draw(st.none() | st.integers(0, 120))
        ended = draw(st.none() | st.integers(0, 300))
        papers.append(
            Paper(
                draw(st.sampled_from(["licence", "contract"])),
                f"P{n}",
                day(start),
                None if length is None else day(start + length),
                None if ended is None else day(ended),
                "revoked",
                draw(st.none() | st.just(("adi",))),
            )
        )
    return papers


def holds(paper: Paper, on: date, grace: int) -> bool:
    """Valid or in grace, and not ended."""
    if on < paper.valid_from or (paper.ended_on is not None and on >= paper.ended_on):
        return False
    return paper.valid_until is None or on <= paper.valid_until + timedelta(days=grace)


def open_on(kind: str, papers: list[Paper], on: date, grace: int) -> bool:
    return all(any(p.what == what and holds(p, on, grace) for p in papers) for what in NEEDS[kind])


KINDS = st.sampled_from(sorted(NEEDS))
GRACE = st.integers(0, 40)


class TestAgainstDays:
    @settings(max_examples=60)
    @given(kind=KINDS, papers=paper_lists(), grace=GRACE, n=st.integers(-1, 300))
    def test_state_and_its_end(self, kind: str, papers: list[Paper], grace: int, n: int) -> None:
        days = [open_on(kind, papers, day(n), grace) for n in range(-1, LAST)]
        now = day_start(day(n)) + timedelta(hours=12)
        found = gate(kind, papers, grace, now)
        later = days[n + 1 :]
        assert found.open == later[0]
        assert (found.reason is None) == (found.open and found.until is None)
        if found.open:
            closes = next((i for i, is_open in enumerate(later) if not is_open), None)
            assert found.until == (closes and day_start(day(n + closes)))
        else:
            was = next((i for i in range(n, -2, -1) if days[i + 1]), None)
            assert found.until == (None if was is None else day_start(day(was + 1)))

    @settings(max_examples=60)
    @given(kind=KINDS, papers=paper_lists(), grace=GRACE, n=st.integers(0, 300))
    def test_stays_until_the_time_it_names(
        self, kind: str, papers: list[Paper], grace: int, n: int
    ) -> None:
        """Nothing but `until` changes an open gate, and nothing before `changes_next` a closed."""
        now = day_start(day(n))
        found = gate(kind, papers, grace, now)
        after = changes_next(kind, papers, grace, now) or now + timedelta(days=LAST)
        assert after > now
        assert gate(kind, papers, grace, after - timedelta(microseconds=1)) == found
        if found.open and found.until is not None:
            just_before = gate(kind, papers, grace, found.until - timedelta(microseconds=1))
            assert just_before.open
            assert just_before.until == found.until
            closed = gate(kind, papers, grace, found.until)
            assert not closed.open
            assert closed.until == found.until

    @settings(max_examples=40)
    @given(papers=paper_lists(), grace=GRACE, n=st.integers(0, 300), more=st.integers(1, 30))
    def test_more_grace_never_closes(
        self, papers: list[Paper], grace: int, n: int, more: int
    ) -> None:
        now = day_start(day(n))
        tight = gate("pishkhan", papers, grace, now)
        wide = gate("pishkhan", papers, grace + more, now)
        assert wide.open or not tight.open
        if tight.open and tight.until and wide.until:
            assert wide.until >= tight.until


CONTRACT = Paper("contract", "C000001", date(2018, 3, 21), date(2019, 3, 20))
LICENCE = Paper("licence", "12/34", date(2018, 3, 21), date(2019, 4, 4))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestInWords:
    @pytest.mark.parametrize(
        ("kind", "papers", "now", "expected"),
        [
            ("post_office", [], "2018-05-01", Gate(open=True)),
            ("agency", [], "2018-05-01", Gate(open=False, reason="it has no contract")),
            ("rural_ict", [CONTRACT], "2018-05-01", Gate(open=False, reason="it has no licence")),
            (
                "communication_office",
                [CONTRACT, LICENCE],
                "2018-05-01",
                Gate(
                    open=False,
                    reason="a communication_office may not book: convert it to a pishkhan",
                ),
            ),
            (  # the grace of the one that ends first
                "pishkhan",
                [CONTRACT, LICENCE],
                "2018-05-01",
                Gate(
                    open=True,
                    until=at("2019-04-19T19:30"),
                    reason="its contract C000001 ends on 2019-03-20; grace ends on 2019-04-19",
                ),
            ),
            (
                "agency",
                [CONTRACT],
                "2019-04-19T19:30",
                Gate(
                    open=False,
                    until=at("2019-04-19T19:30"),
                    reason="its contract C000001 ended on 2019-03-20; grace ended on 2019-04-19",
                ),
            ),
            (
                "agency",
                [replace(CONTRACT, ended_on=date(2018, 6, 1), ended_by="terminated")],
                "2018-06-01",
                Gate(
                    open=False,
                    until=at("2018-05-31T19:30"),
                    reason="its contract C000001 was terminated on 2018-06-01",
                ),
            ),
            (
                "agency",
                [CONTRACT],
                "2018-03-01",
                Gate(open=False, reason="its contract C000001 begins on 2018-03-21"),
            ),
        ],
    )
    def test_says_why(self, kind: str, papers: list[Paper], now: str, expected: Gate) -> None:
        assert gate(kind, papers, 30, at(now)) == expected

    def test_limits_are_of_the_contract_that_has_begun_last(self) -> None:
        strict = replace(CONTRACT, number="C2", products=("adi",), weight_max_g=500)
        following = replace(
            strict, valid_from=date(2019, 4, 1), valid_until=date(2020, 3, 19), products=None
        )
        before = gate("agency", [following, strict], 30, at("2019-03-31"))
        assert (before.products, before.weight_max_g) == (("adi",), 500)
        after = gate("agency", [strict, following], 30, at("2019-04-01"))
        assert (after.products, after.weight_max_g) == (None, 500)
        assert before.until == after.until == at("2020-04-18T19:30")
