"""Answers put together from several sisters."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from services.gateway.clients import OfficeCard, OpenCases


class Partial(BaseModel):
    partial: bool = Field(description="true when a sister did not answer in time")
    missing: list[str] = Field(description="the sisters whose part is missing, if any")


class FullTracking(Partial):
    tracking: dict[str, Any] = Field(description="as `GET /v1/tracking/{barcode}` answers")
    origin: OfficeCard | None = Field(description="where it was booked")
    current: OfficeCard | None = Field(description="where it was last seen")
    cases: OpenCases | None = Field(description="open complaints about it")


TaskName = Literal["acceptance", "sorting", "transport", "delivery", "delegated"]


class TaskShare(BaseModel):
    task: TaskName
    count: int
    outside_count: int = Field(description="done at offices of other kinds than the state's")
    outside_percent: float | None
    weight: float


class TaskShares(BaseModel):
    """Work done outside the state part. Of delegated services both ways of doing them count."""

    state_kinds: list[str]
    rows: list[TaskShare]
    total_outside_percent: float | None = Field(
        description="the shares by their weights; null where a task was not done at all"
    )


class ActivePartners(BaseModel):
    """Partners with a booking in the period's months, by the kind of their account."""

    shops: int
    banks: int
    others: int


RowName = Literal[
    "items",
    "express_items",
    "postal_items",
    "ecommerce_packages",
    "electronic_services",
    "within_promise",
    "satisfaction",
    "compensation",
    "people",
    "people_on_the_payroll",
    "people_outside_the_state_part",
    "tasks_outside_the_state_part",
    "delegated_services",
    "online_shops",
    "banks",
    "years_of_unchanged_tariff",
]


class ReportRow(BaseModel):
    """One figure as the post publishes it; `value` is null where its part is missing.

    `previous` and `growth_percent`: of the same period a year before, where that is compared.
    """

    name: RowName
    unit: Literal["items", "services", "percent", "rials", "people", "partners", "years"]
    value: float | None
    previous: float | None
    growth_percent: float | None


class ProvinceReport(Partial):
    period: str
    rows: list[ReportRow] = Field(description="in one order, all of them always")
    volumes: dict[str, Any] | None = Field(description="as `GET /v1/statistics/volumes` answers")
    complaints: dict[str, Any] | None = Field(
        description="as `GET /v1/statistics/complaints` answers"
    )
    satisfaction: dict[str, Any] | None = Field(
        description="as `GET /v1/statistics/satisfaction` answers; null of a day"
    )
    compensation: dict[str, Any] | None = Field(
        description="as `GET /v1/statistics/compensation` answers"
    )
    transit: dict[str, Any] | None = Field(
        description="the total of `GET /v1/statistics/transit`: outcomes, times, promises kept"
    )
    partners: ActivePartners | None = Field(description="who booked; null of a day")
    services: dict[str, Any] | None = Field(description="as `GET /v1/statistics/services` answers")
    workforce: dict[str, Any] | None = Field(
        description="as `GET /v1/statistics/workforce` answers for the period's last day, or for "
        "today where that is earlier"
    )
    tasks: TaskShares | None = Field(
        description="`GET /v1/statistics/tasks` and the delegated services, joined"
    )
