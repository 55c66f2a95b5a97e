"""Rules of the catalogue: spans of days, the price of a day, and at least N of a named set."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar

from services.offices.catalogue.errors import BadSpan, RuleBroken

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both included; without a last, for good."""

    first: date
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def common(self, other: "Span") -> "Span | None":
        """The days of both."""
        lasts = [last for last in (self.last, other.last) if last is not None]
        both = Span(max(self.first, other.first), min(lasts, default=None))
        return None if both.last is not None and both.last < both.first else both


def ended(span: Span, on: date) -> Span:
    """The span with `on` as its last day, which may come sooner but not later than it would."""
    if on < span.first:
        raise BadSpan(f"on: it begins on {span.first}, so it cannot end on {on}")
    if span.last is not None and on >= span.last:
        raise BadSpan(f"on: it ends on {span.last} already")
    return Span(span.first, on)


def check_span(valid_from: date, valid_until: date | None) -> None:
    if valid_until is not None and valid_until < valid_from:
        raise BadSpan(f"valid_until: {valid_until} is before valid_from, {valid_from}")


class Price(Protocol):
    @property
    def valid_from(self) -> date: ...


P = TypeVar("P", bound=Price)


def price_on(prices: Sequence[P], day: date) -> P:
    """The newest that began by `day`, of prices in order; before the first, the first."""
    begun = [price for price in prices if price.valid_from <= day]
    return begun[-1] if begun else prices[0]


@dataclass(frozen=True, slots=True)
class Offer:
    """An office offers a service on the days of `span`; that the service is valid is in it."""

    service: str
    span: Span


@dataclass(frozen=True, slots=True)
class Rule:
    """While `span` lasts, an office of the kind offers at least N of the services."""

    name: str
    source: str
    services: frozenset[str]
    at_least: int
    span: Span

    def counted(self, offered: Collection[str]) -> int:
        return len(self.services.intersection(offered))


def offered_on(offers: Iterable[Offer], day: date) -> set[str]:
    return {offer.service for offer in offers if day in offer.span}


def check_offered(rules: Iterable[Rule], offered: Collection[str], day: date) -> None:
    """RuleBroken if a rule in force on `day` asks for more than `offered`."""
    for rule in rules:
        if day in rule.span and rule.counted(offered) < rule.at_least:
            raise _broken(rule, offered, day)


def check_change(rules: Iterable[Rule], before: Sequence[Offer], after: Sequence[Offer]) -> None:
    """RuleBroken if on any day the change takes an office below a rule, or further below.

    What only adds never breaks a rule: an office comes to its N one service at a time.
    """
    for rule in rules:
        for day in sorted(_edges(rule, before, after)):
            left = offered_on(after, day)
            count = rule.counted(left)
            if count < rule.at_least and count < rule.counted(offered_on(before, day)):
                raise _broken(rule, left, day)


def _edges(rule: Rule, before: Iterable[Offer], after: Iterable[Offer]) -> set[date]:
    """The days in the rule's span on which what is offered may begin to differ."""
    days = {rule.span.first}
    for offer in (*before, *after):
        days.add(offer.span.first)
        if offer.span.last is not None:
            days.add(offer.span.last + _DAY)
    return {day for day in days if day in rule.span}


def _broken(rule: Rule, offered: Collection[str], day: date) -> RuleBroken:
    kept = sorted(rule.services.intersection(offered))
    return RuleBroken(
        f"the rule “{rule.name}” ({rule.source}) asks for at least {rule.at_least} of"
        f" {', '.join(sorted(rule.services))}; on {day} the office would offer"
        f" {len(kept)} of them{': ' + ', '.join(kept) if kept else ''}"
    )
