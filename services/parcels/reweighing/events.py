"""What is told of measurements."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel

RECORDED: Final = "measurement.recorded"
CONTESTED: Final = "measurement.contested"
DECIDED: Final = "measurement.decided"
REPRICED: Final = "parcel.repriced"

MeasurementStatus = Literal["unchanged", "repriced", "contested", "upheld", "reversed"]


class Evidence(BaseModel):
    """`photo_sha256`: of a photo that whoever measured keeps."""

    office: str | None
    device: str
    photo_sha256: str | None
    measured_at: datetime


class MeasurementState(BaseModel):
    """`measurement.…`: what an item was measured to be, and what that did to its price."""

    id: UUID
    barcode: str
    status: MeasurementStatus
    weight_g: int
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    weight_before_g: int | None
    tariff_version: str | None
    price_before_rials: int
    price_rials: int
    evidence: Evidence
    recorded_at: datetime
    contest_until: datetime
    contest_reason: str | None
    contested_at: datetime | None
    decision_reason: str | None
    decided_at: datetime | None


class RepricedItem(BaseModel):
    """One item of `parcel.repriced`; `difference_rials` is to be charged, below zero refunded.

    `reversed`: a contest was won, so that the price before holds again.
    """

    barcode: str
    partner: str
    reference: str | None
    product: str
    channel: str
    measurement: UUID
    reason: Literal["measured", "reversed"]
    tariff_version: str | None
    weight_before_g: int | None
    weight_g: int | None
    price_before_rials: int
    price_rials: int
    difference_rials: int
    evidence: Evidence
    contest_until: datetime
    repriced_at: datetime
    version: int
    backfill: bool
