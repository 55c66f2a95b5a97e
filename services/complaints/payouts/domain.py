"""What a payment order's state means for our payout. Pure."""

from typing import Final, Literal
from uuid import UUID

Status = Literal["pending", "unknown", "paid", "refused", "returned", "voided", "expired"]

LIVE: Final[frozenset[Status]] = frozenset({"pending", "unknown", "paid"})
_OF: Final[dict[str, Status]] = {
    "prepared": "pending",
    "fetched": "pending",
    "unknown": "unknown",
    "paid": "paid",
    "refused": "refused",
    "returned": "returned",
    "voided": "voided",
    "expired": "expired",
}
NEXT: Final[dict[Status, frozenset[Status]]] = {
    "pending": frozenset({"unknown", "paid", "refused", "voided", "expired"}),
    "unknown": frozenset({"paid", "refused"}),
    "paid": frozenset({"returned"}),
    "refused": frozenset(),
    "returned": frozenset(),
    "voided": frozenset(),
    "expired": frozenset(),
}


def status_of(order_status: str) -> Status:
    return _OF[order_status]


def may(status: Status, then: Status) -> bool:
    return then in NEXT[status]


EXPENSE: Final = "compensation/expense"
"""What was paid: its balance is the compensation of all time."""
ORDERED: Final = "compensation/payments"
"""What parcels' payment orders paid for us."""


def reference(payout: UUID) -> str:
    """Of the transfer in our ledger."""
    return f"payout/{payout}"
