"""What manifests look like on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.booking.schemas import StatusName
from shared.fields import Instant, OfficeCode
from shared.text import text

PIECES_MAX = 5_000
Barcode = Annotated[str, text(1, 40)]
ManifestCode = Annotated[str, text(1, 40)]
Outcome = Literal["announced", "accepted", "missing", "withdrawn"]


class NewManifest(BaseModel):
    """Closes what was booked for an office and is on no manifest, or the parcels named."""

    model_config = ConfigDict(extra="forbid")

    office: OfficeCode
    barcodes: Annotated[list[Barcode], Field(min_length=1, max_length=PIECES_MAX)] | None = None


class Handover(BaseModel):
    """One scan and a count; where the count differs, what was really there, scanned."""

    model_config = ConfigDict(extra="forbid")

    office: OfficeCode
    pieces: Annotated[int, Field(strict=True, ge=0, le=PIECES_MAX)]
    barcodes: Annotated[list[Barcode], Field(max_length=PIECES_MAX)] | None = None
    occurred_at: Instant | None = None


class ManifestOut(BaseModel):
    code: str
    office: str | None
    status: Literal["closed", "accepted", "withdrawn"]
    pieces: int
    counted: int | None
    closed_at: datetime
    accepted_at: datetime | None
    accepted_office: str | None
    missing: list[str]
    surplus: list[str]
    version: int


class ManifestItemOut(BaseModel):
    barcode: str
    outcome: Outcome
    status: StatusName
