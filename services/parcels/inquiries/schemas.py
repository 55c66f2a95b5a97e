"""What sister services are told of a parcel's hands, and of a caller's parcels."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.parcels.booking.schemas import StatusName
from services.parcels.scanning.schemas import EventName
from services.parcels.tariff.schemas import ProductName
from shared.fields import Phone


class CustodyEvent(BaseModel):
    """An event with who had the item in hand by it, where one is named.

    `trip`: what its bag was loaded on; `courier`: who went out with it; `operator`: who took it.
    """

    event: EventName
    event_id: str
    office: str | None
    trip: str | None
    courier: str | None
    operator: str | None
    reason: str | None
    status: StatusName
    occurred_at: datetime


class Misfit(BaseModel):
    """A discrepancy of the item, closed or not, with who had it before."""

    kind: str
    event_id: str
    office: str | None
    last_custodian: str | None
    last_office: str | None
    recorded_at: datetime


class CustodyChain(BaseModel):
    """Through whose hands a parcel went, in the order in which the events count."""

    barcode: str
    status: StatusName
    origin_office: str | None
    promised_at: datetime | None
    ended_at: datetime | None
    custodian: str | None
    events: list[CustodyEvent]
    discrepancies: list[Misfit]


class ByPhone(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phone: Phone


class PhoneParcel(BaseModel):
    """`role`: of the phone's owner; of one that sent it to itself, the sender's."""

    barcode: str
    role: Literal["sender", "recipient"]
    status: StatusName
    product: ProductName
    origin_office: str | None
    booked_at: datetime
    promised_at: datetime | None


class PhoneParcels(BaseModel):
    """The newest fifty."""

    parcels: list[PhoneParcel]
