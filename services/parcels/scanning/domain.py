"""An item's state as a fold of its events. Pure.

Order: (min(occurred_at, recorded_at + 5 min), leg rank, event id). Terminal states absorb; what
does not fit is applied where it is physically so, and named as a discrepancy.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.parcels.vocabulary import TERMINAL, Custodian, Event, Status

CLOCK_AHEAD: Final = timedelta(minutes=5)
"""A device's clock may run ahead by so much; more is cut to it."""
OFFLINE_WINDOW: Final = timedelta(hours=72)
"""Older events are recorded and flagged, and folded only when accepted."""

STATUS_AFTER: Final[dict[Event, Status]] = {
    Event.ACCEPTANCE: Status.ACCEPTED,
    Event.DEPARTURE: Status.IN_TRANSIT,
    Event.ARRIVAL: Status.IN_TRANSIT,
    Event.HANDED_OVER: Status.IN_TRANSIT,
    Event.HELD: Status.HELD,
    Event.OUT_FOR_DELIVERY: Status.OUT_FOR_DELIVERY,
    Event.DELIVERY_FAILED: Status.DELIVERY_FAILED,
    Event.HELD_AT_COUNTER: Status.READY_FOR_PICKUP,
    Event.RETURN_STARTED: Status.RETURNING,
    Event.DELIVERED: Status.DELIVERED,
    Event.RETURNED: Status.RETURNED,
    Event.DESTROYED: Status.DESTROYED,
    Event.LOST: Status.LOST,
}
CUSTODIAN_AFTER: Final[dict[Event, Custodian | None]] = {
    Event.ACCEPTANCE: Custodian.OFFICE,
    Event.DEPARTURE: Custodian.TRIP,
    Event.ARRIVAL: Custodian.OFFICE,
    Event.HANDED_OVER: Custodian.OPERATOR,
    Event.HELD: Custodian.OFFICE,
    Event.OUT_FOR_DELIVERY: Custodian.COURIER,
    Event.DELIVERY_FAILED: None,  # stays with whoever tried
    Event.HELD_AT_COUNTER: Custodian.OFFICE,
    Event.RETURN_STARTED: Custodian.OFFICE,
    Event.DELIVERED: Custodian.RECIPIENT,
    Event.RETURNED: Custodian.SENDER,
    Event.DESTROYED: Custodian.NOBODY,
    Event.LOST: Custodian.NOBODY,
}
_MOVING: Final = frozenset(
    {
        Status.ACCEPTED,
        Status.IN_TRANSIT,
        Status.OUT_FOR_DELIVERY,
        Status.READY_FOR_PICKUP,
        Status.DELIVERY_FAILED,
        Status.HELD,
    }
)
_RETURNING: Final = frozenset({Status.RETURNING})
FITS_AFTER: Final[dict[Event, frozenset[Status]]] = {
    Event.ACCEPTANCE: frozenset({Status.BOOKED}),
    Event.DEPARTURE: _MOVING | _RETURNING,
    Event.ARRIVAL: _MOVING | _RETURNING,
    Event.HANDED_OVER: _MOVING | _RETURNING,
    Event.HELD: _MOVING | _RETURNING,
    Event.OUT_FOR_DELIVERY: _MOVING,
    Event.DELIVERY_FAILED: frozenset({Status.OUT_FOR_DELIVERY}),
    Event.HELD_AT_COUNTER: _MOVING,
    Event.RETURN_STARTED: _MOVING,
    Event.DELIVERED: _MOVING | _RETURNING,
    Event.RETURNED: _RETURNING,
    Event.DESTROYED: _MOVING | _RETURNING,
    Event.LOST: _MOVING | _RETURNING,
}
"""Where an event fits without remark. A return's legs keep the status `returning`: see `after`."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One recorded event of an item, or of the bag that it was in.

    `flagged`: too old and not accepted, or declared wrong: not folded. `operator`: who took it.
    """

    event_id: UUID
    event: Event
    occurred_at: datetime
    recorded_at: datetime
    office: int | None
    flagged: bool = False
    operator: int | None = None

    @property
    def effective_at(self) -> datetime:
        return min(self.occurred_at, self.recorded_at + CLOCK_AHEAD)

    @property
    def order(self) -> tuple[datetime, int, UUID]:
        return (self.effective_at, int(self.event), self.event_id)


@dataclass(frozen=True, slots=True)
class State:
    status: Status
    custodian: Custodian | None = None
    custodian_id: int | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    last: tuple[datetime, int, UUID] | None = None


Holder = tuple[Custodian | None, int | None]
"""Who had an item, and the id beside it."""


@dataclass(frozen=True, slots=True)
class Folded:
    state: State
    discrepancies: dict[UUID, str]
    """What did not fit, by event."""
    gaps: dict[UUID, str]
    """Where custody changed hands without both sides saying so; of what fits otherwise."""
    holders: dict[UUID, Holder]
    """Who had the item before each of these events."""

    def remarks(self) -> Iterator[tuple[UUID, str, Holder]]:
        """All of them: event, kind, last custodian."""
        for event_id, kind in (*self.discrepancies.items(), *self.gaps.items()):
            yield event_id, kind, self.holders[event_id]


def after(status: Status, event: Event) -> Status:
    """The status an event leads to; on the way back to the sender, moving is still returning."""
    moving = event in {Event.DEPARTURE, Event.ARRIVAL, Event.HANDED_OVER, Event.HELD}
    if status is Status.RETURNING and moving:
        return Status.RETURNING
    return STATUS_AFTER[event]


def leads_to(status: Status, event: Event) -> Status:
    """The status after an event that may not fit: an end absorbs it, and so does acceptance."""
    return after(status, event) if _counts(status, event) else status


def _counts(status: Status, event: Event) -> bool:
    return status not in TERMINAL and (event is not Event.ACCEPTANCE or status is Status.BOOKED)


def misfit(status: Status, event: Event) -> str | None:
    """The discrepancy of an event in a status, or None where it fits."""
    if status is Status.CANCELLED:
        return "scanned_after_cancellation"
    if status in TERMINAL:
        return "scanned_after_end"
    if status in FITS_AFTER[event]:
        return None
    if status is Status.BOOKED:
        return "acceptance_missing"
    return "accepted_twice" if event is Event.ACCEPTANCE else "out_of_sequence"


LETS_GO: Final = frozenset(
    {
        Event.DEPARTURE,
        Event.HANDED_OVER,
        Event.OUT_FOR_DELIVERY,
        Event.DELIVERED,
        Event.RETURNED,
        Event.DESTROYED,
    }
)
"""Done by an office that has the item."""
PASSES_NO_CUSTODY: Final = frozenset({Event.ACCEPTANCE, Event.DELIVERY_FAILED, Event.LOST})
IN_TWO_PLACES: Final = timedelta(minutes=5)
"""Nothing gets from one office to another within it."""


def handover_gap(holder: Holder, event: Event, office: int | None) -> bool:
    """Whether an event finds the item elsewhere than its custodian had it.

    An office that has it did not let it go; or one that let it go had not said that it arrived.
    """
    custodian, holder_id = holder
    if holder_id is None or office is None or office == holder_id or event in PASSES_NO_CUSTODY:
        return False
    return custodian is Custodian.OFFICE or (custodian is Custodian.TRIP and event in LETS_GO)


def gap_kind(holder: Holder, elapsed: timedelta) -> str:
    """`elapsed`: since it was seen where the holder had it."""
    at_office = holder[0] is Custodian.OFFICE
    return "in_two_places" if at_office and elapsed < IN_TWO_PLACES else "handover_gap"


def step(state: State, scan: Scan) -> State:
    """Apply one event to a state that is not terminal."""
    status = after(state.status, scan.event)
    custodian = CUSTODIAN_AFTER[scan.event]
    ended = status in TERMINAL
    return replace(
        state,
        status=status,
        custodian=custodian or state.custodian or Custodian.OFFICE,
        custodian_id=_holder_id(state, scan, ended=ended),
        accepted_at=state.accepted_at or scan.effective_at,
        ended_at=scan.effective_at if ended else None,
        last=scan.order,
    )


def _holder_id(state: State, scan: Scan, *, ended: bool) -> int | None:
    """The office or operator that has it; an attempt leaves the item with whoever had it."""
    if ended:
        return None
    if CUSTODIAN_AFTER[scan.event] is None and state.custodian is not None:
        return state.custodian_id
    return scan.operator if scan.event is Event.HANDED_OVER else scan.office


def fold(scans: Iterable[Scan], *, cancelled: bool = False) -> Folded:
    """The state after all events, and what did not fit. A second acceptance changes nothing."""
    state = State(Status.CANCELLED if cancelled else Status.BOOKED)
    folded = Folded(state, {}, {}, {})
    for scan in sorted((s for s in scans if not s.flagged), key=lambda s: s.order):
        holder: Holder = (state.custodian, state.custodian_id)
        remark = misfit(state.status, scan.event)
        if remark is not None:
            folded.discrepancies[scan.event_id] = remark
            folded.holders[scan.event_id] = holder
        elif state.last is not None and handover_gap(holder, scan.event, scan.office):
            folded.gaps[scan.event_id] = gap_kind(holder, scan.effective_at - state.last[0])
            folded.holders[scan.event_id] = holder
        if _counts(state.status, scan.event):
            state = step(state, scan)
        elif state.status not in TERMINAL:
            # what comes before it is not the newest: this one has to be looked at again then
            state = replace(state, last=scan.order)
    return replace(folded, state=state)
