"""What an office earns for items it accepted, by its contracts. Pure.

The rule is the offices' own (their contracts quote it); a contract test pins the two together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from services.parcels.vocabulary import PRODUCT_WIRE
from shared.money import share


@dataclass(frozen=True, slots=True)
class Term:
    """A share of the price in basis points, or rials an item; both days included."""

    product: str
    valid_from: date
    valid_until: date | None
    basis_points: int | None
    rials_per_item: int | None

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Contract:
    number: str
    valid_from: date
    valid_until: date
    terminated_on: date | None
    terms: tuple[Term, ...]

    def holds(self, day: date) -> bool:
        ended = self.terminated_on is not None and day >= self.terminated_on
        return self.valid_from <= day <= self.valid_until and not ended


class Accepted(NamedTuple):
    """So many items of a price, of one product, accepted on a day; below zero: taken back."""

    accepted_on: date
    product: int
    price_rials: int
    items: int


def term_of(contracts: Iterable[Contract], product: str, day: date) -> tuple[str, Term] | None:
    """Of the contract that holds on the day: the term of the product, else the one for all."""
    for contract in contracts:
        if contract.holds(day):
            found = {term.product: term for term in contract.terms if term.covers(day)}
            term = found.get(product) or found.get("all")
            return None if term is None else (contract.number, term)
    return None


def commission(term: Term, price_rials: int) -> int:
    if term.rials_per_item is not None:
        return term.rials_per_item
    return share(price_rials, term.basis_points or 0, 10_000)


def lines(contracts: Sequence[Contract], accepted: Iterable[Accepted]) -> list[dict[str, Any]]:
    """By contract, product and rate: items, what they cost, and the commission on each summed."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for row in accepted:
        product = PRODUCT_WIRE[row.product]
        found = term_of(contracts, product, row.accepted_on)
        number, term = (None, None) if found is None else found
        rials = 0 if term is None else commission(term, row.price_rials)
        rate = (None, None) if term is None else (term.basis_points, term.rials_per_item)
        summed = sums.setdefault((number, product, *rate), [0, 0, 0])
        for n, value in enumerate((1, row.price_rials, rials)):
            summed[n] += value * row.items
    return [
        {
            "contract": key[0],
            "product": key[1],
            "basis_points": key[2],
            "rials_per_item": key[3],
            "items": summed[0],
            "charged_rials": summed[1],
            "commission_rials": summed[2],
        }
        for key, summed in sorted(sums.items(), key=lambda pair: tuple(map(str, pair[0])))
    ]


@dataclass(frozen=True, slots=True)
class Totals:
    """payable + carried forward = gross - deductions + brought forward; the two never both."""

    items: int
    gross_rials: int
    deductions_rials: int
    brought_forward_rials: int
    payable_rials: int
    carried_forward_rials: int


def totals(
    found: Iterable[dict[str, Any]], deductions_rials: int, brought_forward_rials: int
) -> Totals:
    """What an office is owed beyond its deductions; what it owes waits for later months."""
    rows = list(found)
    gross = sum(row["commission_rials"] for row in rows)
    net = gross - deductions_rials + brought_forward_rials
    return Totals(
        sum(row["items"] for row in rows),
        gross,
        deductions_rials,
        brought_forward_rials,
        max(net, 0),
        min(net, 0),
    )
