"""Payloads that parcels publishes, and its own copies of those it consumes."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

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
    sorting_centre: str | None = None
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
    withdrawn: bool = False
    """Only where true: the event was told before and does not count after all."""


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


# tariff

TARIFF_PUBLISHED = "tariff.published"
DRAFT_SAVED = "tariff_draft.saved"
DRAFT_DISCARDED = "tariff_draft.discarded"
VAT_RATE_SET = "vat_rate.set"


class RateState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    product: str
    distance_class: str
    max_weight_g: int
    price_rials: int
    per_kg_rials: int | None


class SurchargeState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: str
    fixed_rials: int
    basis_points: int
    free_up_to_rials: int
    longest_mm_max: int | None
    girth_mm_max: int | None


class TariffState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    valid_from: date
    source: str
    adds_vat: bool
    published_at: datetime | None
    rates: list[RateState]
    surcharges: list[SurchargeState]


class TariffEvent(BaseModel):
    """`tariff.published`, `tariff_draft.saved`, `tariff_draft.discarded`: the whole of it."""

    tariff: TariffState


class VatRateState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    valid_from: date
    basis_points: int
    source: str


class VatRateEvent(BaseModel):
    vat_rate: VatRateState


def tariff_event(tariff: Any) -> dict[str, Any]:
    """The payload that tells a tariff or a draft (anything with its attributes)."""
    return TariffEvent(tariff=TariffState.model_validate(tariff)).model_dump(mode="json")


def vat_event(rate: Any) -> dict[str, Any]:
    return VatRateEvent(vat_rate=VatRateState.model_validate(rate)).model_dump(mode="json")


# quotes

QUOTE_HELD = "quote.held"


class QuoteState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    partner: UUID
    version: str
    distance: str
    price_rials: int
    held_from: datetime
    held_until: datetime


class QuoteEvent(BaseModel):
    quote: QuoteState


def quote_event(quote: Any) -> dict[str, Any]:
    return QuoteEvent(quote=QuoteState.model_validate(quote)).model_dump(mode="json")


# repricing

RECOMPUTATION_REQUESTED = "recomputation.requested"
RECOMPUTATION_FINISHED = "recomputation.finished"
REFUNDS_PROPOSED = "refund.proposed"


class RecomputationState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: str
    booked_from: datetime
    booked_until: datetime
    proposes_refunds: bool
    status: str
    examined: int
    without_price: int
    over_count: int
    over_rials: int
    under_count: int
    under_rials: int
    refunds_count: int
    refunds_rials: int


class RecomputationEvent(BaseModel):
    recomputation: RecomputationState


class ProposedRefund(BaseModel):
    """One item of `refund.proposed`; no money has moved by it."""

    barcode: str
    partner: UUID
    amount_rials: int
    recomputation: UUID


class RefundsProposed(BaseModel):
    items: list[ProposedRefund]


def recomputation_event(run: Any) -> dict[str, Any]:
    state = RecomputationState.model_validate(run)
    return RecomputationEvent(recomputation=state).model_dump(mode="json")


# populations and targets

POPULATION_SET = "population.set"
TARGET_SET = "target.set"


class PopulationState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    county: str
    valid_from: date
    people: int
    source: str


class PopulationEvent(BaseModel):
    population: PopulationState


class TargetState(BaseModel):
    """`value` in items or hundredths of a per cent; null: withdrawn."""

    model_config = ConfigDict(from_attributes=True)

    period: str
    measure: str
    county: str | None
    product: str | None
    value: int | None
    reason: str | None


class TargetEvent(BaseModel):
    target: TargetState
