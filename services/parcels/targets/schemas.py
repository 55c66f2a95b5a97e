"""What populations, items per head and targets look like on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.tariff.schemas import ProductName
from shared.fields import Day, PeriodText
from shared.text import text

County = Annotated[str, Field(max_length=40, pattern=r"^[a-z]+(-[a-z]+)*$", examples=["ahvaz"])]
MeasureName = Literal["accepted", "delivered", "within_promise"]
BASIS_POINTS_MAX = 10_000


class NewPopulation(BaseModel):
    """From a day on. `source`: the census or the estimate that says so."""

    model_config = ConfigDict(extra="forbid")

    county: County
    valid_from: Day
    people: Annotated[int, Field(strict=True, ge=1, le=10**9)]
    source: Annotated[str, text(3, 500)]


class PopulationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    county: str
    valid_from: date
    people: int
    source: str
    recorded_at: datetime


class PerHeadFigures(BaseModel):
    """Items for each of the people, to four decimals; null where their number is not known."""

    people: int | None
    accepted: int
    previous_accepted: int
    accepted_growth_percent: float | None
    accepted_per_head: float | None
    delivered: int
    delivered_per_head: float | None


class PerHeadRow(PerHeadFigures):
    county: str
    population_since: date | None


class PerHead(BaseModel):
    """Accepted in a county and delivered in it, by its people at the period's end.

    `total` is of the counties whose people are known.
    """

    period: str
    previous: str
    as_of: datetime | None
    total: PerHeadFigures
    rows: list[PerHeadRow]


class NewTarget(BaseModel):
    """What is to be reached; the last one set for the same holds.

    `county` or `product` null: all of them. `value`: items, or for `within_promise` hundredths of
    a per cent; null withdraws the target.
    """

    model_config = ConfigDict(extra="forbid")

    period: PeriodText
    measure: MeasureName
    county: County | None = None
    product: ProductName | None = None
    value: Annotated[int, Field(strict=True, ge=1, le=10**12)] | None
    reason: Annotated[str, text(3, 500)] | None = None


class TargetOut(BaseModel):
    period: str
    measure: MeasureName
    county: str | None
    product: ProductName | None
    value: int | None
    reason: str | None
    recorded_at: datetime


class TargetAchieved(TargetOut):
    """`achieved` in the unit of `value`, of the roll-ups as of `as_of`.

    Items are accepted where they are handed in; delivered, and in time, where they go to.
    """

    achieved: int | None
    share_percent: float | None
    as_of: datetime | None
    items: str
