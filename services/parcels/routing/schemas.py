"""What routes, estimates and feeder rules look like on the wire."""

from datetime import UTC, date, datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from services.parcels.routing.domain import Reason
from services.parcels.transport.domain import Weekday
from services.parcels.transport.schemas import LocalTime, LocalTimeOut, Request, Weekdays
from shared.fields import Day, OfficeCode
from shared.text import text

RouteTime = Annotated[
    AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))
]
"""As far as lines go (shared.fields.Day)."""


class LegOut(BaseModel):
    """A ride without a change; `line` null: between an office and its sorting centre."""

    model_config = ConfigDict(from_attributes=True)

    line: str | None
    day: date
    origin: str
    destination: str
    departs_at: datetime
    arrives_at: datetime


class RouteOut(BaseModel):
    """`delivered_by`: when the couriers are back who take out what has arrived by then."""

    origin: str
    destination: str
    at: datetime
    arrives_at: datetime
    delivered_by: datetime | None
    legs: list[LegOut]


class EtaOut(BaseModel):
    """When a parcel is expected, by the timetable; `reason` says why nobody can tell.

    `town`: of the office that delivers it, or on the way back gives it to its sender. `lane_p50_h`
    and `lane_p90_h`: hours from acceptance to delivery that half and nine tenths of its product's
    items between its two counties kept to in the last three months; null where there were none.
    """

    barcode: str
    status: str
    town: str | None
    arrives_at: datetime | None
    delivered_by: datetime | None
    lane_p50_h: float | None
    lane_p90_h: float | None
    reason: Reason | None


class FeederRuleIn(Request):
    """How an office rides to its sorting centre and back from `valid_from` on; without one, all.

    `collected` from it and `at_centre`; `sent_out` from the centre and `at_office`; the couriers'
    round; `sorting_minutes`: how long what arrives there is not ready to leave. `source`: the order
    or contract that says so.
    """

    office: OfficeCode | None = None
    valid_from: Day
    days: Weekdays
    collected: LocalTime
    at_centre: LocalTime
    sent_out: LocalTime
    at_office: LocalTime
    round_leaves: LocalTime
    round_back: LocalTime
    sorting_minutes: Annotated[int, Field(strict=True, ge=0, le=1440)]
    source: Annotated[str, text(3, 500)]

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.at_centre.minutes <= self.collected.minutes:
            raise ValueError("at_centre is after collected: add days to its time")
        if self.at_office.minutes <= self.sent_out.minutes:
            raise ValueError("at_office is after sent_out: add days to its time")
        if self.round_back.minutes <= self.round_leaves.minutes:
            raise ValueError("round_back is after round_leaves: add days to its time")
        return self


class FeederRuleOut(BaseModel):
    office: str | None
    valid_from: date
    days: list[Weekday]
    collected: LocalTimeOut
    at_centre: LocalTimeOut
    sent_out: LocalTimeOut
    at_office: LocalTimeOut
    round_leaves: LocalTimeOut
    round_back: LocalTimeOut
    sorting_minutes: int
    source: str
    recorded_at: datetime
