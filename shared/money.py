"""Money in integer rials."""

from typing import Annotated

from pydantic import Field

from shared.text import persian_digits

RIALS_MAX = 10**15
"""Far above any sum of a province, far below what a bigint or JSON's 2^53 can hold."""

Rials = Annotated[int, Field(strict=True, ge=0, le=RIALS_MAX)]
SignedRials = Annotated[int, Field(strict=True, ge=-RIALS_MAX, le=RIALS_MAX)]


def share(amount: int, numerator: int, denominator: int) -> int:
    """`amount` * numerator / denominator to the nearest rial; halves go away from zero.

    So the share of a reversal is the reversal of the share.
    """
    if denominator <= 0:
        raise ValueError("denominator must be positive")
    product = amount * numerator
    rounded = (2 * abs(product) + denominator) // (2 * denominator)
    return rounded if product >= 0 else -rounded


def persian_number(value: int) -> str:
    """With Persian digits and thousands separators, for people."""
    grouped = persian_digits(f"{abs(value):,}").replace(",", "\u066c")
    # The mark keeps the minus on the left of its number inside right-to-left text.
    return grouped if value >= 0 else f"\u200e\u2212{grouped}"


def format_rials(amount: int) -> str:
    """As people read it, with the unit."""
    return f"{persian_number(amount)} ریال"
