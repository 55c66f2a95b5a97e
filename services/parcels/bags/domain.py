"""Bags: their numbers, what their scans mean, and when an item was in which of them. Pure.

A bag scan is a scan of each item that was in it at that time. Membership is intervals in event
time, both ends included, and follows from packings and openings in whatever order they arrive.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.parcels.vocabulary import Event, Wire
from shared.identifiers.numbered import numbered, serial_of

PREFIX: Final = "BG"


class BagEvent(Wire):
    """What befalls a bag; where an item event has the same number, it befalls the items in it."""

    CLOSED = 15
    LOADED = int(Event.DEPARTURE)
    UNLOADED = int(Event.ARRIVAL)
    HANDED_OVER = int(Event.HANDED_OVER)
    HELD = int(Event.HELD)
    OPENED = 45


class BagStatus(Wire):
    OPEN = 1
    CLOSED = 2
    IN_TRANSIT = 3
    ARRIVED = 4
    HELD = 5
    HANDED_OVER = 6
    OPENED = 7


BAG_EVENT_BY_WIRE: Final = {event.wire: event for event in BagEvent}
BAG_EVENT_WIRE: Final = {int(event): event.wire for event in BagEvent}
BAG_STATUS_BY_WIRE: Final = {status.wire: status for status in BagStatus}
BAG_STATUS_WIRE: Final = {int(status): status.wire for status in BagStatus}

STATUS_AFTER: Final[Mapping[BagEvent, BagStatus]] = {
    BagEvent.CLOSED: BagStatus.CLOSED,
    BagEvent.LOADED: BagStatus.IN_TRANSIT,
    BagEvent.UNLOADED: BagStatus.ARRIVED,
    BagEvent.HANDED_OVER: BagStatus.HANDED_OVER,
    BagEvent.HELD: BagStatus.HELD,
    BagEvent.OPENED: BagStatus.OPENED,
}
_AWAY: Final = frozenset({BagStatus.IN_TRANSIT, BagStatus.HANDED_OVER})


def item_event(event: BagEvent) -> Event | None:
    """What a bag's event is for the items in it."""
    return None if event in {BagEvent.CLOSED, BagEvent.OPENED} else Event(int(event))


def code_of(bag: int) -> str:
    """The bag's barcode."""
    return numbered(PREFIX, bag)


def bag_of(text: str) -> int | None:
    """The bag of a barcode as typed or scanned; None where it is none of ours."""
    return serial_of(PREFIX, text)


@dataclass(frozen=True, slots=True)
class BagScan:
    """One recorded event of a bag. `at`: the time that counts."""

    event_id: UUID
    event: BagEvent
    at: datetime
    office: int | None
    seal: str | None = None
    flagged: bool = False

    @property
    def order(self) -> tuple[datetime, int, UUID]:
        return (self.at, int(self.event), self.event_id)


@dataclass(frozen=True, slots=True)
class BagState:
    status: BagStatus
    office: int | None
    """Where it is; None on its way and in others' hands."""
    seal: str | None = None


def fold_bag(
    scans: Iterable[BagScan], from_office: int | None, to_office: int | None
) -> tuple[BagState, set[tuple[UUID, str]]]:
    """A bag's state after its events, and what did not fit, by event.

    One that comes from none of our offices was closed by another post.
    """
    begins = BagStatus.CLOSED if from_office is None else BagStatus.OPEN
    state = BagState(begins, from_office)
    remarks: set[tuple[UUID, str]] = set()
    for scan in sorted((s for s in scans if not s.flagged), key=lambda s: s.order):
        remarks |= {(scan.event_id, kind) for kind in _misfits(state, scan, to_office)}
        if state.status is not BagStatus.OPENED:
            state = _step(state, scan)
    return state, remarks


def _step(state: BagState, scan: BagScan) -> BagState:
    status = STATUS_AFTER[scan.event]
    office = None if status in _AWAY else scan.office
    seal = scan.seal if scan.event is BagEvent.CLOSED else state.seal
    return replace(state, status=status, office=office, seal=seal)


def _misfits(state: BagState, scan: BagScan, to_office: int | None) -> Iterable[str]:
    if scan.office is None:
        yield "unknown_office"
    if state.status is BagStatus.OPENED:
        yield "opened_twice" if scan.event is BagEvent.OPENED else "scanned_after_opening"
        return
    closing = scan.event is BagEvent.CLOSED
    if closing and state.status is not BagStatus.OPEN:
        yield "closed_twice"
    if not closing and state.status is BagStatus.OPEN:
        yield "not_closed"
    if not closing and state.seal and scan.seal and scan.seal != state.seal:
        yield "seal_differs"
    if scan.event is BagEvent.OPENED and to_office is not None and scan.office != to_office:
        yield "opened_elsewhere"


@dataclass(frozen=True, slots=True)
class Packing:
    """That an item was put into a bag, or found to be out of it. `at`: the time that counts."""

    event_id: UUID
    bag: int
    packed: bool
    at: datetime
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """An item was in a bag, both ends included; `until` None is still."""

    bag: int
    since: datetime
    until: datetime | None


def stays(
    packings: Iterable[Packing], openings: Mapping[int, Sequence[datetime]]
) -> tuple[list[Stay], set[UUID]]:
    """When an item was in which bag, and the packings that found it in another one still.

    Each packing says where the item is from then on; of several at one instant the last in order
    counts, and putting in goes before taking out. A bag's opening ends what began before it.
    """
    said: dict[datetime, Packing] = {}
    for packing in sorted(
        (p for p in packings if not p.flagged), key=lambda p: (p.at, p.packed, p.event_id)
    ):
        said[packing.at] = packing
    found: list[Stay] = []
    doubled: set[UUID] = set()
    for packing in said.values():
        last = found[-1] if found else None
        if last is not None and (last.until is None or last.until >= packing.at):
            if packing.packed and packing.bag == last.bag:
                continue
            if packing.packed and last.until != packing.at:
                doubled.add(packing.event_id)
            found[-1] = replace(last, until=packing.at)
        if packing.packed:
            ends = (at for at in openings.get(packing.bag, ()) if at >= packing.at)
            found.append(Stay(packing.bag, packing.at, min(ends, default=None)))
    return found, doubled
