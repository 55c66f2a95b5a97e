"""Payloads that parcels publishes, and its own copies of those it consumes."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class GatePayload(BaseModel):
    """May the office book an item at `t`: `t < until`; where that is null, if `open`."""

    model_config = ConfigDict(extra="ignore")

    open: bool
    until: datetime | None
    reason: str | None
    products: list[str] | None
    weight_max_g: int | None


OPEN = GatePayload(open=True, until=None, reason=None, products=None, weight_max_g=None)


class OfficePayload(BaseModel):
    """What parcels takes from `office.*`; the rest of the payload is not its business.

    Events from before there were gates have none: their offices were open.
    """

    model_config = ConfigDict(extra="ignore")

    id: int
    code: str
    name: str
    kind: str
    town: str
    town_name: str
    county: str
    province: str
    latitude: float
    longitude: float
    status: str
    gate: GatePayload = OPEN
    version: int


class OfficeEvent(BaseModel):
    model_config = ConfigDict(extra="ignore")

    office: OfficePayload


BOOKED = "parcel.booked"
CANCELLED = "parcel.cancelled"
STATUS_CHANGED = "parcel.status_changed"
MOVED = "parcel.moved"
CORRECTED = "parcel.corrected"


class BookedItem(BaseModel):
    """One item of `parcel.booked`."""

    barcode: str
    partner: str
    reference: str | None
    product: str
    channel: str
    origin_office: str
    booked_at: str
    version: int
    backfill: bool


class ScannedItem(BaseModel):
    """One item of `parcel.status_changed`.

    Where the status stayed: of `parcel.moved`, or of `parcel.corrected` if a late scan changed
    when the item was accepted.

    `accepted_before` and `accepted_at` are the item's contribution to the roll-ups, old and new.
    """

    barcode: str
    partner: str
    reference: str | None
    product: str
    channel: str
    event: str
    event_id: str
    office: str | None
    status: str
    previous: str
    occurred_at: str
    version: int
    accepted_at: str | None
    accepted_before: str | None
    backfill: bool


class CancelledItem(BaseModel):
    """One item of `parcel.cancelled`."""

    barcode: str
    partner: str
    reference: str | None
    status: str
    previous: str
    cancelled_at: str
    version: int
    backfill: bool
