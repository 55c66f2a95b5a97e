"""What a settlement pays, and what one that was undone leaves. Pure."""

from typing import Final, Literal

Reason = Literal["no_payee", "nothing_due"]
Status = Literal["open", "paid", "undone"]

UNDOING: Final = frozenset({"refused", "voided", "expired", "returned"})
"""States of a payment order that leave its settlement undone."""


def skipped(amount_rials: int, *, has_payee: bool) -> Reason | None:
    """Why a partner is not paid; what is below zero he owes us, and it waits for more."""
    if amount_rials <= 0:
        return "nothing_due"
    return None if has_payee else "no_payee"


def left_over(amount_rials: int, due_again_rials: int) -> int:
    """What the partner carries on of an order that was not paid, besides its takings that stand."""
    return amount_rials - due_again_rials
