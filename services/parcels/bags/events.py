"""Payloads of bags. What their scans do to items is told as scans are (`parcel.…`)."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

BAG_CREATED = "bag.created"
BAG_SCANNED = "bag.scanned"
BAG_PACKED = "bag.packed"
BAG_OPENED = "bag.opened"


class BagState(BaseModel):
    """A bag after a change; `items`: how many were moved by the scan that is told."""

    bag: str
    receptacle: str | None
    from_office: str | None
    to_office: str | None
    status: str
    office: str | None
    seal: str | None
    weight_g: int | None
    dispatch: UUID | None
    version: int


class BagEvent(BaseModel):
    """`bag.created`."""

    bag: BagState


class ScannedBag(BaseModel):
    """One item of `bag.scanned`; `items`: how many parcels it was a scan of."""

    event: str
    event_id: UUID
    occurred_at: str
    items: int
    bag: BagState


class PackedItem(BaseModel):
    """One item of `bag.packed`."""

    bag: str
    barcode: str
    event: str
    event_id: UUID
    office: str | None
    occurred_at: str


class BagOpened(BaseModel):
    """`bag.opened`: what was found in it, and what of that differs from what was put into it."""

    bag: BagState
    event_id: UUID
    occurred_at: str
    found: list[str]
    missing: list[str]
    unexpected: list[str]


def bag_event(state: BagState) -> dict[str, Any]:
    return BagEvent(bag=state).model_dump(mode="json")
