"""Where the cash of delivered items is, and what a change of an item's end does to it. Pure.

A ledger account of a holder always holds the takings at its place and what it carries besides:

- a courier: takings in hand, less or more what was miscounted or reversed after handing in;
- an office: takings in its drawer, likewise;
- a shop (owed to it): takings not yet ordered to be paid, open orders, and what is carried over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.parcels.vocabulary import Wire
from shared.identifiers import barcode_of

COLLECTED: Final = "cod/collected"
"""What offices paid in at the bank."""


class Place(Wire):
    """Of a taking's money: each is in exactly one."""

    COURIER = 1
    OFFICE = 2
    DUE = 3
    ORDERED = 4
    PAID = 5
    REVERSED = 6


PLACE_WIRE: Final = {int(place): place.wire for place in Place}


def courier_account(collector: str) -> str:
    return f"cod/courier/{collector}"


def office_account(office: int) -> str:
    return f"cod/office/{office}"


def difference_account(office: int) -> str:
    return f"cod/difference/{office}"


def shop_account(partner: UUID) -> str:
    return f"cod/shop/{partner}"


def taking_reference(item_id: int, taking: int) -> str:
    return f"cod/taken/{barcode_of(item_id)}/{taking}"


@dataclass(frozen=True, slots=True)
class End:
    """An item with cash on delivery as it is now; `event_id` names the delivery, if there is."""

    item_id: int
    partner: UUID
    amount_rials: int
    event_id: UUID | None
    taken_at: datetime | None
    office: int
    collector: str | None


@dataclass(frozen=True, slots=True)
class Taking:
    """An item's newest taking as it is stored."""

    item_id: int
    taking: int
    partner: UUID
    amount_rials: int
    event_id: UUID
    office: int
    collector: str | None
    place: Place

    @property
    def reference(self) -> str:
        """Of its transfer in the ledger."""
        return taking_reference(self.item_id, self.taking)

    @property
    def holder(self) -> str:
        """Whose account the taking was debited to."""
        if self.collector is not None:
            return courier_account(self.collector)
        return office_account(self.office)

    @property
    def is_where_taken(self) -> bool:
        """Nobody has counted it yet."""
        counter = self.place is Place.OFFICE and self.collector is None
        return self.place is Place.COURIER or counter


@dataclass(slots=True)
class Plan:
    takings: list[tuple[End, int]] = field(default_factory=list)
    """Each with the number of its taking."""
    reversals: list[Taking] = field(default_factory=list)


def plan(ends: Iterable[End], newest: Mapping[int, Taking]) -> Plan:
    """What brings the takings to what the items say; nothing where they agree.

    Another delivery of the same item counts for its money only while nobody has counted it.
    """
    found = Plan()
    for end in ends:
        taking = newest.get(end.item_id)
        live = taking if taking and taking.place is not Place.REVERSED else None
        if live is not None and not _stands(end, live):
            found.reversals.append(live)
            live = None
        if live is None and end.event_id is not None:
            found.takings.append((end, taking.taking + 1 if taking else 1))
    return found


def _stands(end: End, live: Taking) -> bool:
    if end.event_id is None:
        return False
    same_holder = (end.collector, end.office) == (live.collector, live.office)
    return end.event_id == live.event_id or same_holder or not live.is_where_taken


def carries(taking: Taking) -> dict[str, int]:
    """What a reversal leaves with the holders, by account: the money has gone on without it."""
    if taking.is_where_taken:
        return {}
    found = {taking.holder: -taking.amount_rials}
    if taking.place is Place.OFFICE:
        found[office_account(taking.office)] = taking.amount_rials
    if taking.place in {Place.ORDERED, Place.PAID}:
        found[shop_account(taking.partner)] = -taking.amount_rials
    return found


def touched(items: Iterable[Mapping[str, Any]], *, corrected: bool) -> set[str]:
    """Barcodes of items whose delivery may have come, gone or changed hands."""
    return {
        item["barcode"]
        for item in items
        if corrected or "delivered" in {item.get("status"), item.get("previous"), item.get("event")}
    }
