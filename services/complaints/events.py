"""What complaints publishes, and its own copies of what it consumes of parcels'. No PII."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter

CaseEventType = Literal[
    "case.filed",
    "case.joined",
    "case.written",
    "case.noted",
    "case.asked",
    "case.acknowledged",
    "case.assessed",
    "case.investigated",
    "case.answered",
    "case.accepted",
    "case.contested",
    "case.closed",
    "case.reopened",
    "case.snapshot_completed",
    "case.attached",
    "case.liability_proposed",
    "case.liability_decided",
    "case.assigned",
    "case.watched",
    "case.unwatched",
    "case.erased",
]


class CaseState(BaseModel):
    """A case without its persons and their words; `partner` filed it, by its own account.

    `backfill`: it was filed before it was written, and no partner is told of it.
    """

    model_config = ConfigDict(from_attributes=True)

    number: str
    kind: str
    barcode: str | None
    office: str | None
    service: str | None
    category: str
    channel: str
    remedy: str | None
    partner: str | None
    severity: str
    status: str
    product: str | None
    handling_office: str | None
    county: str | None
    officer: str | None
    liable_kind: str | None
    liable_code: str | None
    liable_office: str | None
    parcel_status: str | None
    joined_count: int
    reopened_count: int
    filed_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    backfill: bool
    version: int


class CaseEvent(BaseModel):
    """`data` of all: the case as it is after the act, and when that was."""

    case: CaseState
    occurred_at: datetime


class OfficerState(BaseModel):
    """`data.officer` of `officer.saved`."""

    model_config = ConfigDict(from_attributes=True)

    account: str
    level: str
    office: str | None
    county: str | None
    active: bool
    version: int


class CallState(BaseModel):
    """`data.call` of `call.started` and `call.ended`; the caller's number stays inside."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    operator: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None


STATUS_CHANGED: Final = "parcel.status_changed"
CORRECTED: Final = "parcel.corrected"
CANCELLED: Final = "parcel.cancelled"


class StatusChanged(BaseModel):
    """The part of an item of `parcel.status_changed` and `parcel.corrected` that a case follows."""

    barcode: str
    status: str
    version: int


class Cancelled(BaseModel):
    """The part of an item of `parcel.cancelled` that a case follows."""

    barcode: str
    version: int


_CHANGED = TypeAdapter(list[StatusChanged])
_CANCELLED = TypeAdapter(list[Cancelled])


class ParcelState(NamedTuple):
    status: str
    version: int


def parcel_states(events: Iterable[Mapping[str, Any]]) -> dict[str, ParcelState]:
    """The newest state of every barcode that a page of parcels' events names."""
    newest: dict[str, ParcelState] = {}
    for event in events:
        for barcode, state in _states(event["type"], event["data"]["items"]):
            known = newest.get(barcode)
            if known is None or known.version < state.version:
                newest[barcode] = state
    return newest


def _states(event_type: str, items: list[Any]) -> Iterable[tuple[str, ParcelState]]:
    if event_type == CANCELLED:
        for cancelled in _CANCELLED.validate_python(items):
            yield cancelled.barcode, ParcelState("cancelled", cancelled.version)
        return
    for changed in _CHANGED.validate_python(items):
        yield changed.barcode, ParcelState(changed.status, changed.version)


# offices

OFFICE_EVENTS: Final = (
    "office.created",
    "office.changed",
    "office.suspended",
    "office.reopened",
    "office.closed",
    "office.converted",
    "office.relocated",
    "office.transferred",
)


class OfficePayload(BaseModel):
    """What reports group answers by."""

    code: str
    name: str
    county: str
    version: int


class OfficeEvent(BaseModel):
    office: OfficePayload
