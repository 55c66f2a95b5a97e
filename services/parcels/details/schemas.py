"""A parcel's details on the wire: more than anyone may see, and nobody's name or address."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.parcels.booking.schemas import StatusName
from services.parcels.scanning.schemas import EventName
from services.parcels.tariff.schemas import ProductName
from services.parcels.verification.schemas import PhoneEnd


class DetailsRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phone_last_four: PhoneEnd


class Place(BaseModel):
    """An office by its code and name."""

    code: str
    name: str
    town: str


class DetailEvent(BaseModel):
    event: EventName
    office: Place | None
    occurred_at: datetime


class FailedAttempt(BaseModel):
    """`notice`: the how-manieth left at the address, if one was."""

    reason_fa: str
    reason_en: str
    notice: int | None
    attempted_at: datetime


class Waiting(BaseModel):
    """It lies at the office until then."""

    office: Place | None
    since: datetime
    until: datetime


class Details(BaseModel):
    """`cod_rials`: to be paid on delivery."""

    barcode: str
    product: ProductName
    status: StatusName
    weight_g: int | None
    cod_rials: int
    accepted_at: datetime | None
    promised_at: datetime | None
    events: list[DetailEvent]
    attempts: list[FailedAttempt]
    waiting: Waiting | None
