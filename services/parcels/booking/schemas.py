"""What bookings look like on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.config import JsonValue
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from services.parcels.banking.schemas import DeliveryWishes
from services.parcels.tariff.schemas import (
    ChannelName,
    ProductName,
    Province,
    SideMm,
    WeightG,
)
from shared.errors import ProblemBody
from shared.fields import Instant, OfficeCode, Phone, PostalCode
from shared.money import Rials
from shared.text import text

BATCH_MAX = 1_000

StatusName = Literal[
    "booked",
    "accepted",
    "in_transit",
    "out_for_delivery",
    "ready_for_pickup",
    "delivery_failed",
    "delivered",
    "returning",
    "returned",
    "held",
    "lost",
    "cancelled",
    "destroyed",
]

PayerName = Literal[
    "counter_cash", "counter_card", "recipient", "partner_prepaid", "partner_credit"
]

EXAMPLE: dict[str, JsonValue] = {
    "product": "pishtaz",
    "channel": "ecommerce",
    "weight_g": 450,
    "origin_office": "KZ00001",
    "sender": {
        "name": "فروشگاه کارون",
        "phone": "06133334444",
        "address": "اهواز، خیابان نادری",
        "postal_code": "6135743337",
    },
    "recipient": {
        "name": "مریم احمدی",
        "phone": "09123456789",
        "address": "دزفول، خیابان شریعتی",
        "postal_code": "6461843337",
        "province": "khuzestan",
        "town": "dezful",
    },
    "reference": "ORD-1",
}


class Party(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, text(1, 200)]
    phone: Phone
    address: Annotated[str, text(1, 500)]
    postal_code: PostalCode | None = None


class Recipient(Party):
    province: Province
    town: Annotated[str, text(1, 60)] | None = None


class Sides(BaseModel):
    model_config = ConfigDict(extra="forbid")

    length_mm: SideMm
    width_mm: SideMm
    height_mm: SideMm


class Booking(BaseModel):
    """An order to carry one item. Money in rials, weight in grams."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    product: ProductName
    channel: ChannelName
    weight_g: WeightG
    origin_office: OfficeCode
    sender: Party
    recipient: Recipient
    reference: Annotated[str, text(1, 100)] | None = None
    declared_value_rials: Rials = 0
    cod_rials: Rials = 0
    advice_of_delivery: bool = False
    pickup: bool = False
    size: Sides | None = None
    quote: UUID | None = Field(
        default=None, description="A held quote of yours for the same: its price holds."
    )
    delivery: DeliveryWishes | None = None
    payer: PayerName | None = Field(
        default=None,
        description="Who pays the postage; in cash at the counter, else yourself on credit.",
    )
    occurred_at: Instant | None = Field(
        default=None, description="When it was booked; with the scope `backfill` only."
    )


class _AsBooking:
    """Documents an item as a `Booking` without validating it yet."""

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(Booking.__pydantic_core_schema__)


class BookingBatch(BaseModel):
    """Items are validated one by one, so that a bad one does not spoil the rest."""

    model_config = ConfigDict(extra="forbid")

    parcels: Annotated[
        list[Annotated[Any, _AsBooking()]], Field(min_length=1, max_length=BATCH_MAX)
    ]


class ParcelBody(BaseModel):
    barcode: str
    status: StatusName
    reference: str | None
    product: ProductName
    channel: ChannelName
    weight_g: int | None
    price_rials: int
    tariff_version: str | None
    origin_office: str | None
    booked_at: datetime
    promised_at: datetime | None = Field(
        description="Until when it is promised, counted from its acceptance."
    )
    accepted_at: datetime | None
    ended_at: datetime | None
    updated_at: datetime
    version: int


class BookedResult(BaseModel):
    index: int
    status: Literal[201]
    parcel: ParcelBody


class RefusedResult(BaseModel):
    index: int
    status: int
    problem: ProblemBody


class BatchBody(BaseModel):
    booked: int
    failed: int
    results: list[BookedResult | RefusedResult]


class HistoryEvent(BaseModel):
    event: str
    event_id: str
    office: str | None
    status: StatusName
    occurred_at: datetime
    recorded_at: datetime


class HistoryBody(BaseModel):
    """An item's whole history, for sister services."""

    barcode: str
    product: ProductName
    status: StatusName
    partner: str
    origin_office: str | None
    booked_at: datetime
    version: int
    events: list[HistoryEvent]
