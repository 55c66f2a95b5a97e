"""What tariffs look like on the wire; and the words that other slices share."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.parcels.tariff.domain import (
    ADJACENT,
    PROVINCES,
    Distance,
    SurchargeKind,
    TariffStatus,
)
from shared.fields import Day
from shared.text import text

ProductName = Literal["adi", "sefareshi", "pishtaz", "vijeh", "amanat", "matbu"]
ChannelName = Literal["counter", "ecommerce", "bank", "international"]
WeightG = Annotated[int, Field(strict=True, ge=1, le=30_000, description="grams, up to 30 kg")]
SideMm = Annotated[int, Field(strict=True, ge=1, le=5_000, description="millimetres")]
LimitMm = Annotated[int, Field(strict=True, ge=1, le=100_000, description="millimetres")]
TariffCode = Annotated[
    str,
    Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", examples=["1398-express"]),
]
UnitRials = Annotated[int, Field(strict=True, ge=1, le=10**12)]
FixedRials = Annotated[int, Field(strict=True, ge=0, le=10**12)]
BasisPoints = Annotated[
    int, Field(strict=True, ge=0, le=10_000, description="hundredths of a per cent")
]


def _province(value: str) -> str:
    if value not in PROVINCES:
        raise ValueError(f"no such province; one of {', '.join(sorted(PROVINCES))}")
    return value


def _origin(value: str) -> str:
    if value not in ADJACENT:
        raise ValueError(f"this post has no offices there; one of {', '.join(sorted(ADJACENT))}")
    return value


Province = Annotated[str, Field(max_length=40), AfterValidator(_province)]
OriginProvince = Annotated[str, Field(max_length=40), AfterValidator(_origin)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RateIn(_Request):
    """Up to `max_weight_g`; above the heaviest step, `per_kg_rials` for each further kg begun."""

    product: ProductName
    distance_class: Distance
    max_weight_g: WeightG
    price_rials: UnitRials
    per_kg_rials: UnitRials | None = None


class SurchargeIn(_Request):
    """`basis_points` of the value above `free_up_to_rials`; limits are of `oversize` only."""

    kind: SurchargeKind
    fixed_rials: FixedRials = 0
    basis_points: BasisPoints = 0
    free_up_to_rials: FixedRials = 0
    longest_mm_max: LimitMm | None = None
    girth_mm_max: LimitMm | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        limited = self.longest_mm_max is not None or self.girth_mm_max is not None
        if limited != (self.kind == "oversize"):
            raise ValueError("oversize has longest_mm_max or girth_mm_max, and only oversize has")
        shared = self.basis_points or self.free_up_to_rials
        if shared and self.kind not in {"declared_value", "cod"}:
            raise ValueError("basis_points and free_up_to_rials are of declared_value and cod only")
        return self


class DraftIn(_Request):
    """A whole tariff. `source`: the act or decree it comes from."""

    valid_from: Day
    source: Annotated[str, text(3, 500)]
    adds_vat: Annotated[bool, Field(strict=True)]
    rates: Annotated[list[RateIn], Field(min_length=1, max_length=1_000)]
    surcharges: Annotated[list[SurchargeIn], Field(max_length=5)] = []


class NewDraft(DraftIn):
    code: TariffCode


class RateOut(BaseModel):
    product: ProductName
    distance_class: Distance
    max_weight_g: int
    price_rials: int
    per_kg_rials: int | None


class SurchargeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: SurchargeKind
    fixed_rials: int
    basis_points: int
    free_up_to_rials: int
    longest_mm_max: int | None
    girth_mm_max: int | None


class TariffSummary(BaseModel):
    """In force on the days from `valid_from` to `valid_until`, both included; null: open-ended."""

    code: str
    status: TariffStatus
    valid_from: date
    valid_until: date | None
    source: str
    adds_vat: bool
    published_at: datetime | None


class TariffOut(TariffSummary):
    rates: list[RateOut]
    surcharges: list[SurchargeOut]


class NewVatRate(_Request):
    """`source`: the act that sets it."""

    valid_from: Day
    basis_points: BasisPoints
    source: Annotated[str, text(3, 500)]


class VatRateOut(BaseModel):
    valid_from: date
    basis_points: int
    source: str
    recorded_at: datetime


class VatRatesOut(BaseModel):
    """What holds, newest first; a day's later record replaces an earlier one."""

    items: list[VatRateOut]
