"""The life of a charge back to an office. Pure.

It is announced, and deducted when the time for an appeal is over. An appeal stops the clock until
it is decided; one that comes after the deduction may still have it given back.
"""

from typing import Final, Literal
from uuid import UUID

Status = Literal["announced", "appealed", "due", "deducted", "lifting", "lifted"]

NEXT: Final[dict[Status, frozenset[Status]]] = {
    "announced": frozenset({"appealed", "due", "lifted"}),
    "appealed": frozenset({"due", "lifted"}),
    "due": frozenset({"deducted", "lifting"}),
    "deducted": frozenset({"lifting"}),
    "lifting": frozenset({"lifted"}),
    "lifted": frozenset(),
}


def may(status: Status, then: Status) -> bool:
    return then in NEXT[status]


def lifted(status: Status) -> Status:
    """What is sent to parcels, or may be on its way, has to be given back there."""
    return "lifting" if status in {"due", "deducted"} else "lifted"


OFFICES: Final = "compensation/offices"
"""What offices' commissions bear; the commissions are parcels' books."""
RECOVERED: Final = "compensation/recovered"


def reference(charge_back: UUID) -> str:
    """Of the deduction, at parcels and in our ledger."""
    return f"charge-back/{charge_back}"
