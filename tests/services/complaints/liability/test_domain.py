"""Where a parcel stopped, was damaged or lost its promise: properties of every chain."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.complaints.liability import domain
from services.complaints.liability.domain import Chain, Link, Misfit
from services.complaints.vocabulary import CATEGORIES, Category

T0 = datetime(2019, 3, 21, tzinfo=UTC)
NOW = T0 + timedelta(days=30)
MIDDLE = ("arrival", "departure", "handed_over", "held", "out_for_delivery", "held_at_counter")
EVENTS = (*MIDDLE, "delivery_failed", "return_started", "delivered", "lost", "returned")
OFFICES = st.sampled_from(["KZ00001", "KZ00002", "KZ00003"])


STEPS = st.tuples(
    st.integers(0, 72),
    st.sampled_from(EVENTS),
    st.none() | OFFICES,
    st.sampled_from(({}, {"trip": "L1"}, {"courier": "C-1"}, {"operator": "AIR-1"})),
    st.none() | st.just("damaged"),
    st.booleans(),
)


def chain_of(steps: list[Any], origin: str | None) -> Chain:
    """Accepted first; each step some hours after the one before, some with a discrepancy."""
    at, links, misfits = T0, [], []
    for n, (gap, event, office, named, reason, misfit) in enumerate(steps):
        at += timedelta(hours=gap)
        happened = event if n else "acceptance"
        links.append(Link(happened, f"e{n}", at, office, reason=reason, **named))
        if misfit:
            misfits.append(Misfit("missing_at_opening", f"e{n}"))
    return Chain(links, misfits, origin, T0 if misfits else None)


CHAINS = st.builds(chain_of, st.lists(STEPS, max_size=7), st.none() | OFFICES)


@given(CHAINS, st.sampled_from(CATEGORIES), st.none() | OFFICES)
@settings(max_examples=60, deadline=None)
def test_a_proposal_names_who_was_there_and_says_why(
    chain: Chain, category: Category, about: str | None
) -> None:
    proposal = domain.propose(category, chain, about, NOW)
    named = {link.office for link in chain.links} | {chain.origin_office, about, None}
    assert proposal.office in named
    codes = {
        getattr(link, name) for link in chain.links for name in ("trip", "courier", "operator")
    }
    assert proposal.code in codes | named
    if proposal.kind == "office":
        assert proposal.code == proposal.office is not None
    if proposal.kind == "nobody":
        assert proposal.code is None
    assert proposal.reasons
    for reason in proposal.reasons:
        assert "{" not in domain.in_words(reason)
        known = {link.event_id for link in chain.links}
        assert reason.event_id is None or reason.event_id in known


@given(CHAINS)
@settings(max_examples=40, deadline=None)
def test_stretches_cover_the_way_without_gap_or_overlap(chain: Chain) -> None:
    held = domain.stretches(chain, NOW)
    for one in held:
        assert one.lasted >= timedelta()
    starts = [link.at for link in chain.links if link.event not in domain.ENDS]
    assert [one.since for one in held] == starts
    following = {link.event_id: after.at for link, after in pairwise(chain.links)}
    assert all(one.until == following.get(one.event_id, NOW) for one in held)


@given(CHAINS)
@settings(max_examples=40, deadline=None)
def test_delay_falls_to_whoever_had_it_longest(chain: Chain) -> None:
    if not chain.links or any(link.event == "lost" for link in chain.links):
        return
    held = [one for one in domain.stretches(chain, NOW) if one.event != "held_at_counter"]
    proposal = domain.propose("delay", chain, None, NOW)
    if held:
        longest = max(one.lasted for one in held)
        assert (proposal.kind, proposal.code, proposal.office) in {
            (one.kind, one.code, one.office) for one in held if one.lasted == longest
        }


def hours(*events: tuple[str, float, dict[str, str]]) -> Chain:
    links = [
        Link(event, f"e{n}", T0 + timedelta(hours=at), **named)
        for n, (event, at, named) in enumerate(events)
    ]
    return Chain(links, (), "KZ00001", T0 + timedelta(hours=24))


COURIER = ("courier", "KZ00002-01", "KZ00002")
A, B, C = ({"office": f"KZ0000{n}"} for n in (1, 2, 3))
WAY = (
    ("acceptance", 0, A),
    ("departure", 2, A | {"trip": "L1/2019-03-21"}),
    ("arrival", 5, B),
    ("out_for_delivery", 50, B | {"courier": "KZ00002-01"}),
)


@pytest.mark.parametrize(
    ("category", "chain", "found"),
    [
        ("delay", hours(*WAY, ("delivered", 52, B)), ("office", "KZ00002", "KZ00002")),
        ("loss", hours(*WAY[:2]), ("trip", "L1/2019-03-21", "KZ00001")),
        ("loss", hours(*WAY, ("lost", 90, {})), COURIER),
        ("delay", hours(*WAY[:2], ("lost", 90, {})), ("trip", "L1/2019-03-21", "KZ00001")),
        (
            "damage",
            hours(*WAY[:2], ("arrival", 5, B | {"reason": "damaged"})),
            ("trip", "L1/2019-03-21", "KZ00001"),
        ),
        ("damage", hours(*WAY, ("delivered", 52, B)), COURIER),
        (
            "return_without_cause",
            hours(*WAY, ("return_started", 60, C)),
            ("office", "KZ00003", "KZ00003"),
        ),
        (
            "cod_not_remitted",
            hours(*WAY, ("delivered", 52, B)),
            ("courier", "KZ00002-01", "KZ00002"),
        ),
        (
            "loss",
            hours(*WAY[:1], ("handed_over", 3, A | {"operator": "TIPAX"})),
            ("operator", "TIPAX", "KZ00001"),
        ),
        ("loss", hours(), ("office", "KZ00001", "KZ00001")),
        ("price", hours(*WAY), ("office", "KZ00001", "KZ00001")),
        ("conduct", hours(*WAY), COURIER),
    ],
)
def test_who_answers(category: Category, chain: Chain, found: tuple[str, str, str]) -> None:
    assert domain.propose(category, chain, None, NOW)[:3] == found


def test_what_an_opening_found_missing_falls_to_who_had_it_before() -> None:
    chain = hours(*WAY[:3])
    opened = Chain(chain.links, [Misfit("missing_at_opening", "e2")], "KZ00001", None)
    proposal = domain.propose("partial_loss", opened, None, NOW)
    assert proposal[:2] == ("trip", "L1/2019-03-21")
    assert proposal.reasons[0].code == "found_missing"


def test_waiting_for_the_recipient_is_nobodys_delay() -> None:
    chain = hours(*WAY[:3], ("held_at_counter", 8, B), ("delivered", 200, B))
    proposal = domain.propose("delay", chain, None, NOW)
    assert proposal[:2] == ("trip", "L1/2019-03-21")
    assert [reason.code for reason in proposal.reasons][-1] == "waited_for_recipient"


def test_without_a_parcel_the_office_complained_of() -> None:
    assert domain.propose("delay", None, "KZ00009", NOW)[:2] == ("office", "KZ00009")
    assert domain.propose("website", None, None, NOW)[:2] == ("nobody", None)
