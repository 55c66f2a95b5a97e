"""The life of a claim. Pure."""

from collections.abc import Collection
from typing import Final, Literal

Origin = Literal["person", "partner", "officer", "itself"]
Status = Literal[
    "assessing",
    "payee_needed",
    "proposed",
    "approved",
    "ordered",
    "paid",
    "refused",
    "returned",
    "voided",
    "expired",
    "declined",
    "reopened",
]

UNPAID: Final[frozenset[Status]] = frozenset({"refused", "returned", "voided", "expired"})
"""A payment order came to nothing: to be proposed, approved and ordered again."""
OPEN: Final[frozenset[Status]] = frozenset({"assessing", "payee_needed", "proposed", "reopened"})
"""No payment of it is decided."""

_AGAIN: Final[frozenset[Status]] = frozenset({"assessing", "payee_needed", "proposed", "declined"})
NEXT: Final[dict[Status, frozenset[Status]]] = {
    "assessing": _AGAIN | {"reopened"},
    "payee_needed": _AGAIN | {"reopened"},
    "proposed": _AGAIN | {"approved", "reopened"},
    "approved": frozenset({"ordered"}),
    "ordered": frozenset({"refused", "voided", "expired", "paid"}),
    "paid": frozenset({"returned"}),
    "refused": _AGAIN | {"reopened"},
    "returned": _AGAIN | {"reopened"},
    "voided": _AGAIN | {"reopened"},
    "expired": _AGAIN | {"reopened"},
    "reopened": _AGAIN,
    "declined": frozenset(),
}


def may(status: Status, then: Status) -> bool:
    return then in NEXT[status]


def proposed(*, worked: bool, has_payee: bool) -> Status:
    """Where a claim stands that nobody has decided: computed or not, with an account or not."""
    if not worked:
        return "assessing"
    return "proposed" if has_payee else "payee_needed"


def may_approve(approver: str, concerned: Collection[str | None]) -> bool:
    """Nobody approves what he opened, proposed or named the account of."""
    return approver not in concerned
