"""What counting cash does to a courier's account, an office's and the differences. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """`takings`: what their sum is; `carried`: what the account holds besides, often 0."""

    takings: int
    carried: int
    counted: int

    @property
    def expected(self) -> int:
        return self.takings + self.carried

    @property
    def difference(self) -> int:
        """Above zero: there was too much."""
        return self.counted - self.expected


@dataclass(frozen=True, slots=True)
class Movement:
    debit: str
    credit: str
    amount_rials: int
    kind: str


def handed_in(count: Count, courier: str, office: str) -> tuple[list[Movement], Mapping[str, int]]:
    """What moves, and how what the two carry changes: a courier goes on owing what is missing."""
    moves = [Movement(office, courier, count.counted, "cash_handed_in")]
    carries = {courier: -count.difference - count.carried, office: count.counted - count.takings}
    return [move for move in moves if move.amount_rials], carries


def closed(
    count: Count, office: str, collected: str, difference: str
) -> tuple[list[Movement], Mapping[str, int]]:
    """What was counted goes to the bank, what it differs by to its account: the drawer is empty."""
    found = count.difference
    sides = (difference, office) if found < 0 else (office, difference)
    moves = [
        Movement(collected, office, count.counted, "cash_deposited"),
        Movement(*sides, abs(found), "cash_difference"),
    ]
    return [move for move in moves if move.amount_rials], {office: -count.carried}
