"""Answers put together from several sisters."""

from typing import Any

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


class ProvinceReport(Partial):
    period: str
    volumes: dict[str, Any] | None = Field(description="as `GET /v1/statistics/volumes` answers")
    complaints: dict[str, Any] | None = Field(
        description="as `GET /v1/statistics/complaints` answers"
    )
