"""Bags on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.scanning.schemas import EventId
from shared.fields import Instant, OfficeCode
from shared.text import text

SCANS_MAX = 200
PACKINGS_MAX = 1_000
FOUND_MAX = 2_000

BagCode = Annotated[str, text(1, 40)]
"""A bag's barcode (BG and 14 digits) or an international receptacle's (UPU S9, 29 characters)."""
Seal = Annotated[str, text(1, 40)]
Label = Annotated[str, text(1, 60)]
StatusName = Literal["open", "closed", "in_transit", "arrived", "held", "handed_over", "opened"]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewBag(_In):
    """An empty bag to be filled."""

    from_office: OfficeCode
    to_office: OfficeCode | None = None


class BagOut(BaseModel):
    """`items`: how many are in it now."""

    bag: str
    receptacle: str | None
    from_office: str | None
    to_office: str | None
    status: StatusName
    office: str | None
    seal: str | None
    weight_g: int | None
    dispatch: UUID | None
    items: int
    created_at: datetime
    updated_at: datetime
    version: int


class BagHistoryEvent(BaseModel):
    event: Literal["closed", "loaded", "unloaded", "handed_over", "held", "opened"]
    event_id: UUID
    office: str | None
    seal: str | None
    trip: str | None
    occurred_at: datetime
    recorded_at: datetime
    flagged: bool


class BagRemark(BaseModel):
    event_id: UUID
    kind: str
    recorded_at: datetime


class BagInFull(BagOut):
    events: list[BagHistoryEvent]
    discrepancies: list[BagRemark]


class MemberOut(BaseModel):
    """`until` null: it is in the bag still."""

    barcode: str
    since: datetime
    until: datetime | None


class PackingIn(_In):
    """That an item went into the bag, or out. (`barcode`, `event_id`) is the same however often."""

    barcode: Annotated[str, text(1, 40)]
    event_id: EventId
    event: Literal["packed", "removed"]
    office: Annotated[str, text(1, 12)]
    occurred_at: Instant


class Packings(_In):
    items: Annotated[list[PackingIn], Field(min_length=1, max_length=PACKINGS_MAX)]


Result = Literal["recorded", "duplicate", "flagged", "unknown", "malformed"]
"""`flagged`: recorded, too old to count; `unknown` and `malformed`: kept unmatched."""


class PackingResult(BaseModel):
    barcode: str
    event_id: UUID
    result: Result


class PackingResults(BaseModel):
    recorded: int
    results: list[PackingResult]


class BagScanIn(_In):
    """One physical event of a bag: a scan of every item in it. `trip`: what it was loaded on.

    (`bag`, `event_id`) makes it the same scan however often it is sent.
    """

    bag: BagCode
    event_id: EventId
    event: Literal["closed", "loaded", "unloaded", "held"]
    office: Annotated[str, text(1, 12)]
    occurred_at: Instant
    seal: Seal | None = None
    trip: Label | None = None
    device: Label | None = None


class BagScans(_In):
    scans: Annotated[list[BagScanIn], Field(min_length=1, max_length=SCANS_MAX)]


class BagScanResult(BaseModel):
    """`items`: how many parcels this was a scan of."""

    bag: str
    event_id: UUID
    result: Result
    items: int


class BagScanResults(BaseModel):
    recorded: int
    results: list[BagScanResult]


class OpeningIn(_In):
    """A bag was opened, and these items were in it: each is scanned as arrived by this.

    The same `event_id` is the same opening however often it is sent.
    """

    event_id: EventId
    office: Annotated[str, text(1, 12)]
    occurred_at: Instant
    items: Annotated[list[Annotated[str, text(1, 40)]], Field(max_length=FOUND_MAX)]
    seal: Seal | None = None
    device: Label | None = None


class FoundResult(BaseModel):
    barcode: str
    result: Result


class OpeningOut(BaseModel):
    """`missing`: put into the bag and not found; `unexpected`: found, and never put into it."""

    bag: str
    event_id: UUID
    result: Literal["recorded", "duplicate", "flagged"]
    missing: list[str]
    unexpected: list[str]
    results: list[FoundResult]
