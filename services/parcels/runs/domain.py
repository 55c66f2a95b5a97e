"""Rules of couriers' runs. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID, uuid5

from services.parcels.scanning.domain import FITS_AFTER
from services.parcels.vocabulary import Custodian, Event, Status

RunStatus = Literal["planned", "out", "closed", "cancelled"]
Outcome = Literal["open", "failed", "delivered", "handed_back"]
STOPS_MAX: Final = 300
_MOMENT: Final = timedelta(microseconds=1)
DELIVERABLE: Final = FITS_AFTER[Event.OUT_FOR_DELIVERY]


@dataclass(frozen=True, slots=True)
class Item:
    """Of an item's row, what the commands of delivery decide by."""

    item_id: int
    partner: UUID
    status: Status
    custodian: Custodian | None
    product: int
    cod_rials: int
    ended_at: datetime | None
    fold_at: datetime | None

    def time(self, said: datetime | None, now: datetime) -> datetime:
        """When a command's fact was: as said, else now, after all that is known of the item.

        A device's clock may run ahead: what is commanded now comes after what it told.
        """
        if said is not None:
            return min(said, now)
        return now if self.fold_at is None else max(now, self.fold_at + _MOMENT)


@dataclass(frozen=True, slots=True)
class Stop:
    """`kept`: the outcome on record; while it is `open`, the item's row tells."""

    item_id: int
    position: int
    kept: str
    status: Status
    custodian: Custodian | None
    settled_at: datetime | None

    def outcome(self, *, out: bool) -> Outcome:
        """How it stands: an attempt that failed leaves it with the courier."""
        match self.kept:
            case "delivered":
                return "delivered"
            case "handed_back":
                return "handed_back"
            case _:
                return _now(self.status, self.custodian) if out else "open"


def _now(status: Status, custodian: Custodian | None) -> Outcome:
    if status is Status.DELIVERED:
        return "delivered"
    if custodian is not Custodian.COURIER:
        return "handed_back"
    return "failed" if status is Status.DELIVERY_FAILED else "open"


def unaccounted(stops: Iterable[Stop]) -> list[int]:
    """Items that the courier still answers for."""
    return [s.item_id for s in stops if s.outcome(out=True) in {"open", "failed"}]


def hand_back_event(action: str | None) -> Event:
    """What handing back means: the action of the attempt before decides."""
    match action:
        case "hold_at_office":
            return Event.HELD_AT_COUNTER
        case "return_to_sender":
            return Event.RETURN_STARTED
        case _:
            return Event.ARRIVAL


def event_of(run: UUID, event: Event, item_id: int) -> UUID:
    """The same event however often the command is sent."""
    return uuid5(run, f"{event.wire}/{item_id}")


def doubled(items: Sequence[int]) -> list[int]:
    """Places at which an item stands that stood before."""
    first = {item: n for n, item in reversed(list(enumerate(items)))}
    return [n for n, item in enumerate(items) if first[item] != n]
