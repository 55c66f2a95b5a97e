"""At least N of a named set, against a slow day-by-day reference; prices; spans."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.catalogue.domain import (
    Offer,
    Rule,
    Span,
    check_change,
    check_offered,
    ended,
    offered_on,
    price_on,
)
from services.offices.catalogue.errors import BadSpan, RuleBroken
from services.offices.catalogue.schemas import PriceOut

FIRST = date(2019, 3, 21)
DAYS = [FIRST + timedelta(days=n) for n in range(40)]
CODES = ("post.mail", "post-bank.bank", "telecom.trunk", "telecom.mobile", "payam.cargo")


@st.composite
def spans(draw: st.DrawFn) -> Span:
    first = draw(st.integers(5, 30))
    last = draw(st.none() | st.integers(first, 34))
    return Span(DAYS[first], None if last is None else DAYS[last])


offers = st.builds(Offer, st.sampled_from(CODES), spans())


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    services = draw(st.sets(st.sampled_from(CODES), min_size=1))
    at_least = draw(st.integers(1, len(services)))
    return Rule("N of them", "a regulation", frozenset(services), at_least, draw(spans()))


def falls(rule: Rule, before: Sequence[Offer], after: Sequence[Offer]) -> bool:
    """Day by day: is there one of the rule's on which there is too little, and less than was?"""
    for day in DAYS:
        if day in rule.span:
            was = len(rule.services & {offer.service for offer in before if day in offer.span})
            now = len(rule.services & {offer.service for offer in after if day in offer.span})
            if now < rule.at_least and now < was:
                return True
    return False


def refused(rules: Sequence[Rule], before: Sequence[Offer], after: Sequence[Offer]) -> bool:
    try:
        check_change(rules, before, after)
    except RuleBroken:
        return True
    return False


class TestAtLeast:
    @given(st.lists(rules(), max_size=3), st.lists(offers, max_size=8), st.data())
    @settings(max_examples=100, deadline=None)
    def test_a_change_is_refused_exactly_when_a_day_falls_below(
        self, rules: list[Rule], before: list[Offer], data: st.DataObject
    ) -> None:
        kept = data.draw(st.lists(st.sampled_from(before), unique=True) if before else st.just([]))
        after = kept + data.draw(st.lists(offers, max_size=3))
        assert refused(rules, before, after) == any(falls(r, before, after) for r in rules)

    @given(rules(), st.lists(offers, max_size=8), st.lists(offers, max_size=4))
    @settings(max_examples=50, deadline=None)
    def test_what_only_adds_never_breaks_a_rule(
        self, rule: Rule, before: list[Offer], more: list[Offer]
    ) -> None:
        check_change([rule], before, before + more)

    @given(rules(), st.lists(offers, max_size=8), st.data())
    @settings(max_examples=100, deadline=None)
    def test_no_path_of_accepted_changes_leaves_what_was_reached(
        self, rule: Rule, state: list[Offer], data: st.DataObject
    ) -> None:
        """Once a day has its N, no sequence of changes that pass takes it away."""
        reached = {day for day in DAYS if rule.counted(offered_on(state, day)) >= rule.at_least}
        for _ in range(6):
            keeps = st.lists(st.sampled_from(state), unique=True) if state else st.just([])
            after = data.draw(keeps) + data.draw(st.lists(offers, max_size=2))
            if not refused([rule], state, after):
                state = after
        for day in reached & {day for day in DAYS if day in rule.span}:
            check_offered([rule], offered_on(state, day), day)

    @given(rules(), st.sets(st.sampled_from(CODES)), st.sampled_from(DAYS))
    @settings(max_examples=100, deadline=None)
    def test_a_licence_needs_n_while_the_rule_is_in_force(
        self, rule: Rule, offered: set[str], day: date
    ) -> None:
        below = day in rule.span and len(offered & rule.services) < rule.at_least
        if not below:
            check_offered([rule], offered, day)
            return
        with pytest.raises(RuleBroken, match=r"N of them.*a regulation") as caught:
            check_offered([rule], offered, day)
        assert f"at least {rule.at_least}" in caught.value.detail


class TestSpan:
    @given(spans(), spans())
    @settings(max_examples=100, deadline=None)
    def test_common_days(self, a: Span, b: Span) -> None:
        both = a.common(b)
        days = {day for day in DAYS if day in a and day in b}
        assert days == {day for day in DAYS if both is not None and day in both}

    @given(spans(), st.sampled_from(DAYS))
    @settings(max_examples=100, deadline=None)
    def test_an_end_only_shortens(self, span: Span, on: date) -> None:
        if on in span and on != span.last:
            assert {d for d in DAYS if d in ended(span, on)} == {
                d for d in DAYS if d in span and d <= on
            }
        else:
            with pytest.raises(BadSpan):
                ended(span, on)


@given(st.sets(st.sampled_from(DAYS), min_size=1), st.sampled_from(DAYS))
@settings(max_examples=50, deadline=None)
def test_the_price_of_a_day(changes: set[date], day: date) -> None:
    prices = [
        PriceOut(valid_from=first, fee_rials=n, office_share_rials=0)
        for n, first in enumerate(sorted(changes))
    ]
    begun = [price for price in prices if price.valid_from <= day]
    assert price_on(prices, day) == (max(begun, key=lambda p: p.valid_from) if begun else prices[0])
