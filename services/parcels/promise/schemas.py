"""What promises look like on the wire."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from services.parcels.booking.schemas import StatusName
from services.parcels.promise.domain import ClockName, PauseKind
from services.parcels.tariff.domain import Distance
from services.parcels.tariff.schemas import ProductName, Province, TariffCode
from shared.fields import Day
from shared.text import fold_digits, text

HOURS_MAX = 2_400

TermsCode = TariffCode


def _folded(value: Any) -> Any:
    return fold_digits(value) if isinstance(value, str) else value


WallTime = Annotated[
    str,
    Field(max_length=5, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["11:00"]),
    BeforeValidator(_folded),
]
At = Annotated[
    AwareDatetime,
    Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2201, 1, 1, tzinfo=UTC)),
    AfterValidator(lambda at: at.astimezone(UTC)),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TargetIn(_Request):
    """`working_days`: 24 hours each, up to the office's closing; `office_hours`: while it is open.

    What is accepted at the `cutoff` (of the clock in Tehran) or later is of the next working day.
    """

    product: ProductName
    distance_class: Distance
    target_hours: Annotated[int, Field(strict=True, ge=1, le=HOURS_MAX)]
    clock: ClockName
    cutoff: WallTime | None = None

    @model_validator(mode="after")
    def _whole_days(self) -> Self:
        if self.clock == "working_days" and self.target_hours % 24:
            raise ValueError("working_days are 24 hours each: write 24, 48, 72, …")
        return self


class NewTerms(_Request):
    """All targets from a day on; what has none is not promised. `source`: who set them."""

    code: TermsCode
    valid_from: Day
    source: Annotated[str, text(3, 500)]
    targets: Annotated[list[TargetIn], Field(min_length=1, max_length=60)]


class TargetOut(BaseModel):
    product: ProductName
    distance_class: Distance
    target_hours: int
    clock: ClockName
    cutoff: str | None


class TermsSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    valid_from: date
    source: str
    recorded_at: datetime


class TermsOut(TermsSummary):
    targets: list[TargetOut]


class NewPause(_Request):
    """Force majeure in a province, or a town of it: by its slug, as offices have it, or its name.

    It counts for items that go from there or to there.
    """

    province: Province
    town: Annotated[str, text(1, 60)] | None = None
    starts_at: At
    ends_at: At | None = None
    reason: Annotated[str, text(3, 500)]

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.ends_at is not None and self.ends_at < self.starts_at:
            raise ValueError("ends_at is before starts_at")
        return self


class PauseEnd(_Request):
    """When it ended; at its start: it never was."""

    ends_at: At


class PauseOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    province: str
    town: str | None
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    declared_at: datetime


StepCode = Literal[
    "terms",
    "counted_from",
    "after_cut_off",
    "posting_day",
    "closed_day",
    "usual_end",
    "pause",
    "promised",
    "paused",
    "kept",
    "late",
]


class Step(BaseModel):
    """`at` or `day`: what the step is about; `open_minutes`: opening time that does not count."""

    code: StepCode
    at: datetime | None
    day: date | None
    until: datetime | None
    pause: PauseKind | None
    open_minutes: int | None
    fa: str
    en: str


class PromiseOut(BaseModel):
    """`basis`: what the clock counts from. `state` running: it can still be kept."""

    barcode: str
    product: ProductName
    status: StatusName
    distance_class: Distance
    terms: str | None
    basis: Literal["booking", "acceptance"]
    promised_at: datetime
    state: Literal["running", "paused", "kept", "late", "over"]
    steps: list[Step]
