"""What complaints publishes, and its own copies of what it consumes of parcels'. No PII."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter

CaseEventType = Literal["case.filed", "case.answered", "case.closed"]


class CaseState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: str
    kind: str
    barcode: str | None
    office: str | None
    category: str
    status: str
    filed_at: datetime
    version: int


class CaseEvent(BaseModel):
    """`data` of the three: the case as it is after the act, and when that was."""

    case: CaseState
    occurred_at: datetime


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
