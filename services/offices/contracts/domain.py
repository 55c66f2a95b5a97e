"""Rules of contracts: who needs one, from when to when it holds, what an item's commission is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Literal, Protocol

from services.offices.contracts.errors import (
    AlreadyEnded,
    ContractTerminated,
    DaysPassed,
    NeedsNoContract,
    OfficeClosed,
    OutsideContract,
)
from shared.money import share

Status = Literal["active", "terminated"]
Action = Literal["signed", "renewed", "changed", "party_changed", "ending", "terminated"]
Product = Literal["adi", "sefareshi", "pishtaz", "vijeh", "amanat", "matbu"]

THE_POSTS_OWN: Final = frozenset({"post_office", "sorting_centre"})
NOTICE_DAYS: Final = (60, 30, 7)


class Term(Protocol):
    """What the post pays for an item of a product (or of all) accepted in these days."""

    @property
    def product(self) -> Product | Literal["all"]: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...
    @property
    def basis_points(self) -> int | None: ...
    @property
    def rials_per_item(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Commission:
    """`term` is None where nothing was agreed for such an item: then it is 0."""

    rials: int
    term: Term | None


def contract_number(n: int) -> str:
    return f"C{n:06d}"


def commission(terms: Iterable[Term], product: Product, price_rials: int, on: date) -> Commission:
    """Of one item accepted on a day: by the term of its product, else by the one for all."""
    found = {term.product: term for term in terms if _covers(term, on)}
    term = found.get(product) or found.get("all")
    if term is None:
        return Commission(0, None)
    if term.rials_per_item is not None:
        return Commission(term.rials_per_item, term)
    return Commission(share(price_rials, term.basis_points or 0, 10_000), term)


def _covers(term: Term, on: date) -> bool:
    return term.valid_from <= on and (term.valid_until is None or on <= term.valid_until)


def overlapping(terms: Sequence[Term]) -> str | None:
    """The product for which two terms hold on one day, if there is one."""
    ordered = sorted(terms, key=lambda term: (term.product, term.valid_from))
    for one, other in pairwise(ordered):
        if one.product == other.product and _covers(one, other.valid_from):
            return one.product
    return None


def check_office(kind: str, status: str, *, on_paper: bool) -> None:
    """Whether a contract can be signed with an office; one on paper may be of an office closed."""
    if kind in THE_POSTS_OWN:
        raise NeedsNoContract(f"a {kind} is the post's own: it needs no contract")
    if status == "closed" and not on_paper:
        raise OfficeClosed("the office is closed for good")


def check_new(valid_until: date, today: date, *, on_paper: bool) -> None:
    if valid_until < today and not on_paper:
        raise DaysPassed(
            f"valid_until is before {today}: a contract that has ended needs a paper_reference"
        )


def check_days(valid_from: date, valid_until: date) -> None:
    if valid_until < valid_from:
        raise OutsideContract(f"valid_until is before the contract's first day, {valid_from}")


def check_amendable(status: Status) -> None:
    if status == "terminated":
        raise ContractTerminated("the contract is terminated: sign a new one")


def check_renewable(terminated_on: date | None) -> None:
    if terminated_on is not None:
        raise ContractTerminated(f"the contract ends on {terminated_on}: sign a new one")


def check_extent(valid_from: date, valid_until: date, was_until: date, today: date) -> None:
    """A contract may be made shorter, but what was in force stays so."""
    check_days(valid_from, valid_until)
    if valid_until < today and valid_until < was_until:
        raise DaysPassed(f"valid_until is before {today}: days that have passed stay in force")


def check_termination(valid_until: date, on: date, today: date) -> None:
    if valid_until < today:
        raise AlreadyEnded(f"the contract ended on {valid_until}")
    if on < today:
        raise DaysPassed(f"`on` is before {today}: days that have passed stay in force")
    if on > valid_until:
        raise OutsideContract(f"`on` is after the contract's last day, {valid_until}")


def terminated(status: Status, terminated_on: date | None, today: date) -> Status:
    """What the status is to be on a day."""
    if terminated_on is not None and terminated_on <= today:
        return "terminated"
    return status


def renewal_start(valid_until: date, wanted: date | None) -> date:
    """The day after, unless another is wanted."""
    start = wanted or valid_until + timedelta(days=1)
    if start <= valid_until:
        raise OutsideContract(f"valid_from of a renewal is after {valid_until}, its last day")
    return start


def notice_due(days_left: int) -> int | None:
    """Which notice is due with so many days left: of several only the last, None if none is."""
    due = [days for days in NOTICE_DAYS if 0 <= days_left <= days]
    return min(due, default=None)
