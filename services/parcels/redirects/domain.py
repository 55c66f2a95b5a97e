"""Who may ask for what, and when. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, Literal

from services.parcels.redirects.events import InstructionStatus, Kind
from services.parcels.vocabulary import TERMINAL, Status

Asker = Literal["owner", "recipient"]
HOLD_MAX: Final = timedelta(days=30)

OPEN_TO: Final[frozenset[Status]] = frozenset(
    {
        Status.BOOKED,
        Status.ACCEPTED,
        Status.IN_TRANSIT,
        Status.OUT_FOR_DELIVERY,
        Status.READY_FOR_PICKUP,
        Status.DELIVERY_FAILED,
        Status.HELD,
    }
)
"""On its way to the recipient; what goes back or has ended takes no instruction."""


def refusal(kind: Kind, status: Status, opened: Iterable[Kind]) -> str | None:
    """Why an instruction cannot be given, or None. `opened`: those given and still open."""
    standing = set(opened)
    if status not in OPEN_TO:
        return f"the parcel is {status.wire}"
    if kind == "recall" and status is Status.BOOKED:
        return "the parcel was not accepted yet: cancel it instead"
    if "recall" in standing:
        return "the parcel was recalled: withdraw that first"
    if kind == "hold" and "hold" in standing:
        return "the parcel is to be held already: withdraw that first"
    return None


def hold_fault(until: date, today: date) -> str | None:
    if not today < until <= today + HOLD_MAX:
        return f"a day after today, up to {today + HOLD_MAX}"
    return None


def settled(
    kind: Kind, status: Status, hold_until: date | None, today: date
) -> InstructionStatus | None:
    """What has become of an open instruction, or None while it stays open."""
    match kind:
        case "recall":
            if status in {Status.RETURNING, Status.RETURNED}:
                return "carried_out"
        case "hold":
            if status is Status.HELD:
                return "carried_out"
            if hold_until is not None and hold_until < today:
                return "overtaken"
        case "redirect" | "recipient_change":
            if status is Status.DELIVERED:
                return "carried_out"
    gone = status in TERMINAL or status is Status.RETURNING
    return "overtaken" if gone else None
