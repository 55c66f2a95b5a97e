"""What parcels' events say of claims that open themselves. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, TypeAdapter

STATUS_CHANGED: Final = "parcel.status_changed"
CORRECTED: Final = "parcel.corrected"
BREACHED: Final = "promise.breached"
WITHDRAWN: Final = "promise.breach_withdrawn"
TYPES: Final = (STATUS_CHANGED, CORRECTED, BREACHED, WITHDRAWN)
LOST: Final = "lost"
ENDED: Final = frozenset({"delivered", "returned"})


class Moved(BaseModel):
    """The part of an item of `parcel.status_changed` and `parcel.corrected` that opens claims."""

    barcode: str
    status: str
    previous: str
    occurred_at: datetime
    version: int
    backfill: bool


class Broken(BaseModel):
    """The part of an item of `promise.breached` and `promise.breach_withdrawn`."""

    barcode: str
    product: str
    status: str
    promised_at: datetime


class Told(NamedTuple):
    """Of a page of events: what each barcode was last told to be."""

    lost: dict[str, Moved]
    found: dict[str, Moved]
    ended: dict[str, Moved]
    broken: dict[str, Broken]
    kept: set[str]


_MOVED: Final = TypeAdapter(list[Moved])
_BROKEN: Final = TypeAdapter(list[Broken])


def told(events: Iterable[Mapping[str, Any]]) -> Told:
    page = Told({}, {}, {}, {}, set())
    for event in events:
        items = event["data"]["items"]
        match event["type"]:
            case "promise.breached":
                for broken in _BROKEN.validate_python(items):
                    page.broken[broken.barcode] = broken
                    page.kept.discard(broken.barcode)
            case "promise.breach_withdrawn":
                for broken in _BROKEN.validate_python(items):
                    page.broken.pop(broken.barcode, None)
                    page.kept.add(broken.barcode)
            case _:
                _moved(page, [item for item in items if _matters(item)])
    return page


def _matters(item: Mapping[str, Any]) -> bool:
    """Most scans do not: they are passed over before they are read."""
    return item["status"] in ENDED or LOST in (item["status"], item["previous"])


def _moved(page: Told, items: list[Mapping[str, Any]]) -> None:
    for moved in _MOVED.validate_python(items):
        if moved.status == LOST:
            page.lost[moved.barcode] = moved
            page.found.pop(moved.barcode, None)
        elif moved.previous == LOST:
            page.found[moved.barcode] = moved
            page.lost.pop(moved.barcode, None)
        if moved.status in ENDED:
            page.ended[moved.barcode] = moved
