"""What is said and heard about services performed."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.offices.catalogue.schemas import ServiceCode
from shared.fields import Day, OfficeCode
from shared.text import text

RECORDS_MAX = 1_000
COUNT_MAX = 1_000_000

Flag = Literal["not_offered", "service_not_in_force", "other_channel"]
Refusal = Literal[
    "unknown_office",
    "other_office",
    "unknown_service",
    "future_day",
    "needs_backfill",
    "record_id_reused",
]
Result = Literal["recorded", "duplicate", "refused"]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RecordIn(_Request):
    """So many of a service at an office on a day; `record_id` makes it the same record."""

    record_id: UUID
    office: OfficeCode
    service: ServiceCode
    day: Day
    count: Annotated[int, Field(strict=True, ge=1, le=COUNT_MAX)]
    electronic: Annotated[bool, Field(strict=True)]


class RecordBatch(_Request):
    records: Annotated[list[RecordIn], Field(min_length=1, max_length=RECORDS_MAX)]


class RecordResult(BaseModel):
    record_id: UUID
    result: Result
    problem: Refusal | None
    flags: list[Flag]


class RecordBatchResult(BaseModel):
    """A result a record, in the order sent; a repeated record is a `duplicate`, no error."""

    recorded: int
    results: list[RecordResult]


class Reversal(_Request):
    reason: Annotated[str, text(3, 500)]


class RecordOut(BaseModel):
    """`office_share_rials` by the price of the day; negative for a reversal."""

    model_config = ConfigDict(from_attributes=True)

    record_id: UUID
    office: str
    service: str
    day: date
    count: int
    electronic: bool
    flags: list[Flag]
    reverses: UUID | None
    reason: str | None
    fee_rials: int
    office_share_rials: int
    recorded_at: datetime


class InForce(BaseModel):
    in_force: int
    electronic: int


class Counts(BaseModel):
    count: int
    previous_count: int


class Growth(Counts):
    growth_percent: float | None


class OfKind(Counts):
    kind: str


class OfService(Growth):
    service: str
    name: str
    principal: str


class ServiceStatistics(BaseModel):
    """Services performed in a Jalali period; `previous` is the same period a year before.

    `services` counts those valid on its last day, or today while it lasts.
    """

    period: str
    previous: str
    as_of: datetime
    services: InForce
    total: Growth
    electronic: Growth
    by_kind: list[OfKind]
    rows: list[OfService]
