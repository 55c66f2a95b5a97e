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


class ProvinceReport(Partial):
    period: str
    volumes: dict[str, Any] | None = Field(description="as `GET /v1/statistics/volumes` answers")
    complaints: dict[str, Any] | None = Field(
        description="as `GET /v1/statistics/complaints` answers"
    )
    satisfaction: dict[str, Any] | None = Field(
        description="as `GET /v1/statistics/satisfaction` answers; null of a day"
    )
    services: dict[str, Any] | None = Field(description="as `GET /v1/statistics/services` answers")
    workforce: dict[str, Any] | None = Field(
        description="as `GET /v1/statistics/workforce` answers for the period's last day, or for "
        "today where that is earlier"
    )
    tasks: TaskShares | None = Field(
        description="`GET /v1/statistics/tasks` and the delegated services, joined"
    )
