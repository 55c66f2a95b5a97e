"""Quotes, parcels, tracking."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Discriminator, Tag

from susa_client.models.base import Answer, Request

Product = Literal["adi", "sefareshi", "pishtaz", "vijeh", "amanat", "matbu"]
Channel = Literal["counter", "ecommerce", "bank", "international"]
Payer = Literal["counter_cash", "counter_card", "recipient", "partner_prepaid", "partner_credit"]
BOOKED = 201


class NewQuote(Request):
    """`lock` (needs `parcels:book`) keeps the price for a while: book with the quote's `id`."""

    product: Product
    weight_g: int
    destination_province: str | None = None
    destination_town: str | None = None
    destination_country: str | None = None
    origin_province: str = "khuzestan"
    origin_town: str | None = None
    declared_value_rials: int = 0
    cod_rials: int = 0
    advice_of_delivery: bool = False
    pickup: bool = False
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    on: date | None = None
    lock: bool = False


class QuoteLine(Answer):
    code: str
    fa: str
    en: str
    amount_rials: int


class Quote(Answer):
    """`held_until`: how long a locked price holds."""

    id: UUID | None
    product: str
    weight_g: int
    distance_class: str
    on: date
    tariff_version: str
    lines: list[QuoteLine]
    price_rials: int
    held_until: AwareDatetime | None


class Sender(Request):
    name: str
    phone: str
    address: str
    postal_code: str | None = None


class Recipient(Request):
    name: str
    phone: str
    address: str
    province: str
    postal_code: str | None = None
    town: str | None = None


class Sides(Request):
    length_mm: int
    width_mm: int
    height_mm: int


class DeliveryWishes(Request):
    addressee_only: bool = False
    addressee_national_id: str | None = None
    national_card: bool = False
    branch: str | None = None
    return_branch: str | None = None
    undelivered: Literal["sender", "branch", "destroy"] = "sender"


class NewParcel(Request):
    """An order. `reference` is your own number of it; one parcel not ended has it."""

    product: Product
    weight_g: int
    channel: Channel
    origin_office: str
    sender: Sender
    recipient: Recipient
    reference: str | None = None
    cod_rials: int = 0
    declared_value_rials: int = 0
    advice_of_delivery: bool = False
    pickup: bool = False
    payer: Payer | None = None
    quote: UUID | None = None
    size: Sides | None = None
    delivery: DeliveryWishes | None = None
    occurred_at: AwareDatetime | None = None


class Parcel(Answer):
    barcode: str
    reference: str | None
    status: str
    product: str
    channel: str
    origin_office: str | None
    weight_g: int | None
    price_rials: int
    tariff_version: str | None
    promised_at: AwareDatetime | None
    booked_at: AwareDatetime
    accepted_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    updated_at: AwareDatetime
    version: int


class NewBatch(Request):
    parcels: list[NewParcel]


class Booked(Answer):
    """`index`: of the order in the batch, from 0."""

    index: int
    status: int
    parcel: Parcel


class Refused(Answer):
    """`problem`: as of a refusal of this order alone."""

    index: int
    status: int
    problem: dict[str, Any]


def _result_kind(found: Any) -> str:
    status = found.get("status") if isinstance(found, dict) else found.status
    return "booked" if status == BOOKED else "refused"


BookingResult = Annotated[
    Annotated[Booked, Tag("booked")] | Annotated[Refused, Tag("refused")],
    Discriminator(_result_kind),
]


class BookingResults(Answer):
    """In the order of the batch; each order was booked or refused on its own."""

    booked: int
    failed: int
    results: list[BookingResult]


class PromiseStep(Answer):
    code: str
    fa: str
    en: str
    at: AwareDatetime | None
    day: date | None
    until: AwareDatetime | None
    pause: str | None
    open_minutes: int | None


class Promise(Answer):
    """Until when a parcel is promised, step by step."""

    barcode: str
    product: str
    status: str
    distance_class: str
    basis: str
    terms: str | None
    promised_at: AwareDatetime
    state: str
    steps: list[PromiseStep]


class TrackedEvent(Answer):
    """`text`: in the language that was asked for."""

    event: str
    status: str
    text: str
    town: str | None
    occurred_at: AwareDatetime


class Tracking(Answer):
    barcode: str
    product: str
    status: str
    status_text: str
    promised_at: AwareDatetime | None
    booked_at: AwareDatetime
    updated_at: AwareDatetime
    events: list[TrackedEvent]


class TrackMany(Request):
    barcodes: list[str]


class TrackedOne(Answer):
    barcode: str
    found: bool
    tracking: Tracking | None


class TrackedMany(Answer):
    """In the order that was asked in."""

    results: list[TrackedOne]
