"""Counted mail on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.bags.schemas import BagCode
from services.parcels.counted.domain import Way
from shared.fields import Day, OfficeCode
from shared.text import text

CONSIGNMENTS_MAX = 1_000

CountedProduct = Literal["adi", "matbu"]
KindName = Literal["letters", "newspapers", "printed_matter"]


class ConsignmentIn(BaseModel):
    """So many pieces of such weight. (`office`, `reference`) makes it the same when sent again."""

    model_config = ConfigDict(extra="forbid")

    office: OfficeCode
    reference: Annotated[str, text(1, 60)]
    product: CountedProduct
    kind: KindName
    direction: Way = "domestic"
    day: Day
    items: Annotated[int, Field(ge=1, le=1_000_000)]
    weight_g: Annotated[int, Field(ge=1, le=1_000_000_000)]
    to_office: OfficeCode | None = None
    bag: BagCode | None = None


class Consignments(BaseModel):
    model_config = ConfigDict(extra="forbid")

    consignments: Annotated[list[ConsignmentIn], Field(min_length=1, max_length=CONSIGNMENTS_MAX)]


class ConsignmentResult(BaseModel):
    """`conflict`: counted before under this reference, and otherwise; `refused`: see `detail`."""

    reference: str
    result: Literal["recorded", "duplicate", "conflict", "refused"]
    id: UUID | None
    detail: str | None


class ConsignmentResults(BaseModel):
    recorded: int
    results: list[ConsignmentResult]


class ConsignmentOut(BaseModel):
    """`reverses`: the consignment that this one takes back."""

    id: UUID
    office: str | None
    reference: str
    product: CountedProduct
    kind: KindName
    direction: Way
    day: date
    items: int
    weight_g: int
    to_office: str | None
    bag: str | None
    reverses: UUID | None
    recorded_at: datetime


class CountedRow(BaseModel):
    product: CountedProduct
    kind: KindName
    direction: Way
    items: int
    weight_g: int
    consignments: int
    previous_items: int
    growth_percent: float | None


class CountedReport(BaseModel):
    """Counted mail of a Jalali period; `previous` is the same period a year before."""

    period: str
    previous: str
    items: int
    previous_items: int
    growth_percent: float | None
    rows: list[CountedRow]
