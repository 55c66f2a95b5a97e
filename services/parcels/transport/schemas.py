"""What lines and their timetables look like on the wire."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.parcels.transport.domain import DAY_MIN, OFFSET_DAYS_MAX, Call, Mode, Weekday
from shared.fields import Day, OfficeCode
from shared.text import text

LINE_CODE = r"^[A-Z0-9][A-Z0-9-]{1,29}$"
CALLS_MAX = 30

LineCode = Annotated[str, Field(max_length=30, pattern=LINE_CODE, examples=["AHV-DEZ-1"])]
Clock = Annotated[
    str, Field(max_length=5, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["20:30"])
]
Weekdays = Annotated[list[Weekday], Field(min_length=1, max_length=7)]
Items = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Kilograms = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Kilometres = Annotated[int, Field(strict=True, ge=1, le=20_000)]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LocalTime(Request):
    """A time on Tehran's clock, `day` days after the line's day."""

    time: Clock
    day: Annotated[int, Field(strict=True, ge=0, le=OFFSET_DAYS_MAX)] = 0

    @property
    def minutes(self) -> int:
        hours, minutes = self.time.split(":")
        return self.day * DAY_MIN + int(hours) * 60 + int(minutes)


class CallIn(Request):
    office: OfficeCode
    arrives: LocalTime | None = None
    departs: LocalTime | None = None

    def call(self) -> Call:
        return Call(
            self.office,
            None if self.arrives is None else self.arrives.minutes,
            None if self.departs is None else self.departs.minutes,
        )


class Timetabled(Request):
    """What a line does on its days; capacity of the vehicle that it is planned with."""

    name: Annotated[str, text(2, 200)]
    mode: Mode
    days: Weekdays
    calls: Annotated[list[CallIn], Field(min_length=2, max_length=CALLS_MAX)]
    capacity_items: Items
    capacity_kg: Kilograms
    distance_km: Kilometres


class LineIn(Timetabled):
    """A line from a day on."""

    valid_from: Day
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        return self


class NewLine(LineIn):
    code: LineCode


class LineEnd(Request):
    on: Day = Field(description="The last day on which it runs.")


class LocalTimeOut(BaseModel):
    day: int
    time: str

    @classmethod
    def of(cls, minutes: int) -> Self:
        day, minute = divmod(minutes, DAY_MIN)
        return cls(day=day, time=f"{minute // 60:02d}:{minute % 60:02d}")


class CallOut(BaseModel):
    office: str
    arrives: LocalTimeOut | None
    departs: LocalTimeOut | None


class LineOut(BaseModel):
    """A line's timetable on the days from `valid_from` to `valid_until`, both included."""

    code: str
    valid_from: date
    valid_until: date | None
    name: str
    mode: Mode
    days: list[Weekday]
    calls: list[CallOut]
    capacity_items: int
    capacity_kg: int
    distance_km: int


class LineHistory(BaseModel):
    """Everything a line was, is and will be, by time."""

    code: str
    versions: list[LineOut]


class DepartureOut(BaseModel):
    """`day`: the line's day, which the time of a later call may have left behind."""

    line: str
    mode: Mode
    day: date
    office: str
    departs_at: datetime
    next_office: str
    arrives_at: datetime
    ends_at_office: str
