"""A partner and an office at a glance, put together from several sisters."""

from typing import Any

from pydantic import Field

from services.gateway.aggregation.schemas import Partial
from services.gateway.clients import OfficeFigures, OpenCounts


class PartnerOverview(Partial):
    period: str
    parcels: dict[str, Any] | None = Field(
        description="bookings of the period by product and status, promises kept, cash due"
    )
    cases: OpenCounts | None = Field(description="your complaints that are not closed")


class OfficeOverview(Partial):
    period: str
    office: dict[str, Any] | None = Field(description="as `GET /v1/offices/{code}` answers")
    parcels: OfficeFigures | None = Field(description="what waits there, and the drawer")
    transit: dict[str, Any] | None = Field(
        description="what it accepted in the period, as `GET /v1/statistics/transit` counts"
    )
    cases: OpenCounts | None = Field(description="complaints about it that are not closed")
