"""The life of a payment order. Pure.

Once a bank has fetched it, only the bank's answer or a proof ends it: it cannot expire, be voided
or be ordered again.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, Literal

Purpose = Literal["cod_settlement", "compensation"]
Status = Literal[
    "prepared", "fetched", "unknown", "paid", "refused", "voided", "expired", "returned"
]

NEXT: Final[dict[Status, frozenset[Status]]] = {
    "prepared": frozenset({"fetched", "voided", "expired"}),
    "fetched": frozenset({"paid", "refused", "unknown"}),
    "unknown": frozenset({"paid", "refused"}),
    "paid": frozenset({"returned"}),
    "refused": frozenset(),
    "voided": frozenset(),
    "expired": frozenset(),
    "returned": frozenset(),
}
UNANSWERED_AFTER: Final = timedelta(hours=24)
"""A fetched order without an answer is `unknown` then; it still waits for one."""
PROOF_DAYS: Final = 3
"""So many days' statements of the bank, from the day of fetching on, prove an order unpaid: an
inter-bank transfer is carried out or returned within the next working days."""


def may(status: Status, then: Status) -> bool:
    return then in NEXT[status]


def proof_days(fetched_on: date) -> list[date]:
    return [fetched_on + timedelta(days=n) for n in range(PROOF_DAYS)]


def missing_proof(fetched_on: date, stated: Collection[date]) -> list[date]:
    """Days whose statements are still wanted before an order can be called unpaid."""
    return [day for day in proof_days(fetched_on) if day not in stated]
