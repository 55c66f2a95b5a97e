"""What tracking shows to anyone: status, coarse place (town) and time, and nothing else.

Texts and towns are in one language, Persian or English; the codes beside them stay.
"""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.booking.schemas import StatusName
from services.parcels.scanning.schemas import EventName
from services.parcels.tariff.schemas import ProductName
from shared.text import text

TRACK_MAX = 100


class TrackEvent(BaseModel):
    event: EventName
    status: StatusName
    text: str
    town: str | None
    occurred_at: datetime


class Tracking(BaseModel):
    barcode: str
    product: ProductName
    status: StatusName
    status_text: str
    booked_at: datetime
    promised_at: datetime | None
    updated_at: datetime
    events: list[TrackEvent]


class TrackMany(BaseModel):
    model_config = ConfigDict(extra="forbid")

    barcodes: Annotated[
        list[Annotated[str, text(1, 40)]], Field(min_length=1, max_length=TRACK_MAX)
    ]


class TrackResult(BaseModel):
    barcode: str
    found: bool
    tracking: Tracking | None


class TrackManyBody(BaseModel):
    results: list[TrackResult]
