"""An item's events in the words of EPCIS 2.0 and its Core Business Vocabulary (GS1). Pure.

What the vocabulary has no word for stands in fields of our own, `susa:…`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from services.parcels.scanning.domain import leads_to
from services.parcels.vocabulary import M40, Event, Status
from shared.calendar import TEHRAN

Reason = Literal["did_not_occur", "incorrect_data"]

CONTEXT: Final[tuple[str | dict[str, str], ...]] = (
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"susa": "urn:susa:epcis:"},
)
SCHEMA_VERSION: Final = "2.0"

STEP: Final[dict[Event, str]] = {
    Event.ACCEPTANCE: "accepting",
    Event.DEPARTURE: "departing",
    Event.ARRIVAL: "arriving",
    Event.HANDED_OVER: "shipping",
    Event.HELD: "holding",
    Event.OUT_FOR_DELIVERY: "transporting",
    Event.DELIVERY_FAILED: "other",  # the vocabulary knows no attempt
    Event.HELD_AT_COUNTER: "storing",
    Event.RETURN_STARTED: "holding",  # set apart, to be sent back
    Event.DELIVERED: "receiving",
    Event.RETURNED: "receiving",
    Event.DESTROYED: "destroying",
    Event.LOST: "other",
}
_DISPOSITION: Final[dict[Event, str]] = {
    Event.ACCEPTANCE: "in_progress",
    Event.DEPARTURE: "in_transit",
    Event.ARRIVAL: "in_progress",
    Event.HANDED_OVER: "in_transit",
    Event.HELD: "in_progress",
    Event.OUT_FOR_DELIVERY: "in_transit",
    Event.DELIVERY_FAILED: "in_transit",
    Event.HELD_AT_COUNTER: "in_progress",
    Event.RETURN_STARTED: "returned",
    Event.DELIVERED: "unknown",  # what the recipient does with it is not ours to know
    Event.RETURNED: "returned",
    Event.DESTROYED: "destroyed",
    Event.LOST: "unknown",
}
_STAYS: Final = frozenset(
    {
        Event.ACCEPTANCE,
        Event.ARRIVAL,
        Event.HELD,
        Event.HELD_AT_COUNTER,
        Event.RETURN_STARTED,
    }
)
"""After these the item is at the office where it was read (its `bizLocation`)."""
_BACK: Final = frozenset({Status.RETURNING, Status.RETURNED})


@dataclass(frozen=True, slots=True)
class Declaration:
    """That an event was wrong, and which events stand for it now; the event itself stays."""

    at: datetime
    reason: Reason
    corrective: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of an item. `office`: a code; `at`: as the fold orders it."""

    event: Event
    event_id: UUID
    office: str | None
    at: datetime
    recorded_at: datetime
    reason: str | None = None
    action: str | None = None
    declaration: Declaration | None = None


def document(
    barcode: str, facts: Iterable[Fact], *, cancelled: bool, now: datetime
) -> dict[str, Any]:
    """An EPCISDocument of an item's facts, given in the order of the fold."""
    return {
        "@context": list(CONTEXT),
        "type": "EPCISDocument",
        "schemaVersion": SCHEMA_VERSION,
        "creationDate": now,
        "epcisBody": {"eventList": _events(barcode, facts, cancelled=cancelled)},
    }


def _events(barcode: str, facts: Iterable[Fact], *, cancelled: bool) -> list[dict[str, Any]]:
    """A fact declared wrong is told, but leads nowhere."""
    status = Status.CANCELLED if cancelled else Status.BOOKED
    told = []
    for fact in facts:
        if fact.declaration is None:
            status = leads_to(status, fact.event)
        told.append(_object_event(barcode, fact, status))
    return told


def _object_event(barcode: str, fact: Fact, status: Status) -> dict[str, Any]:
    place = None if fact.office is None else {"id": f"urn:susa:office:{fact.office}"}
    returned = status in _BACK and fact.declaration is None
    return {
        "type": "ObjectEvent",
        "eventID": event_uri(barcode, fact.event_id),
        "eventTime": fact.at,
        "eventTimeZoneOffset": offset(fact.at),
        "recordTime": fact.recorded_at,
        "epcList": [f"urn:susa:parcel:{barcode}"],
        "action": "OBSERVE",
        "bizStep": STEP[fact.event],
        "disposition": "returned" if returned else _DISPOSITION[fact.event],
        "readPoint": place,
        "bizLocation": place if fact.event in _STAYS else None,
        "errorDeclaration": _declared(barcode, fact.declaration),
        "susa:event": fact.event.wire,
        "susa:m40": M40[fact.event] or None,
        "susa:reason": fact.reason,
        "susa:action": fact.action,
    }


def _declared(barcode: str, declaration: Declaration | None) -> dict[str, Any] | None:
    if declaration is None:
        return None
    return {
        "declarationTime": declaration.at,
        "reason": declaration.reason,
        "correctiveEventIDs": _uris(barcode, declaration.corrective) or None,
    }


def _uris(barcode: str, events: Sequence[UUID]) -> list[str]:
    return [event_uri(barcode, event_id) for event_id in events]


def event_uri(barcode: str, event_id: UUID) -> str:
    """With the barcode: an event's id is unique within its item only."""
    return f"urn:susa:event:{barcode}:{event_id}"


def offset(at: datetime) -> str:
    """Tehran's offset from UTC at an instant, as +03:30; whole minutes (seconds before 1916)."""
    passed = at.astimezone(TEHRAN).utcoffset()
    assert passed is not None  # noqa: S101 - Tehran's zone has one at all times
    hours, minutes = divmod(int(passed.total_seconds()) // 60, 60)
    return f"+{hours:02d}:{minutes:02d}"
