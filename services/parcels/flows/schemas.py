"""What the analysis of lines and the question of what a change would do look like on the wire."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.parcels.transport.schemas import LineCode, Request, Timetabled
from shared.calendar import Period
from shared.fields import PeriodText

CHANGES_MAX = 20


def _month(text: str) -> str:
    period = Period.parse(text)
    if period.month is None or period.day is not None:
        raise ValueError("Write a Jalali month as 1397-05")
    return text


class FlowRequest(Request):
    """A Jalali month whose items are to be counted (again)."""

    month: PeriodText

    @model_validator(mode="after")
    def _is_a_month(self) -> Self:
        _month(self.month)
        return self


class FlowCountOut(BaseModel):
    """`counted_at` null: the worker has it before it. `unplaced`: for no town that we know."""

    model_config = ConfigDict(from_attributes=True)

    month: str
    requested_at: datetime
    counted_at: datetime | None
    items: int
    unplaced: int


class LineAnalysis(BaseModel):
    """What a line adds to delivery: item-hours of waiting for it, riding on it, and its delays.

    `share_percent`: of all lines' item-hours. `peak_items`: of the fullest run, all legs together,
    against the capacity that the line was planned with; `overfull_runs` had more than that.
    """

    line: str
    items: int
    item_hours: float
    share_percent: float
    wait_mean_h: float
    ride_mean_h: float
    delay_mean_h: float | None
    runs: int
    peak_items: int
    capacity_items: int
    overfull_runs: int


class LaneOut(BaseModel):
    """From collection at the origin to the offices that deliver."""

    origin: str
    destination: str
    items: int
    mean_h: float
    worst_h: float


class Analysis(BaseModel):
    """A month's items between sorting centres over its timetable; lines that lengthen most first.

    `unreachable` have no way within two weeks, `local` stay with the centre that they come to.
    """

    month: str
    counted_at: datetime
    items: int
    local: int
    unplaced: int
    unreachable: int
    mean_h: float | None
    lines: list[LineAnalysis]
    lanes: list[LaneOut]


class LineChange(Request):
    """Another timetable of a line, a new line, or (null) a line away."""

    code: LineCode
    line: Timetabled | None


class WhatIf(Request):
    """Changes as if they had held for the whole of a Jalali month; the last one by itself."""

    month: PeriodText | None = None
    changes: Annotated[list[LineChange], Field(min_length=1, max_length=CHANGES_MAX)]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.month is not None:
            _month(self.month)
        if len({change.code for change in self.changes}) < len(self.changes):
            raise ValueError("write each line once")
        return self


class ChangedLane(BaseModel):
    """Mean hours; null where nothing gets there."""

    origin: str
    destination: str
    items: int
    before_h: float | None
    after_h: float | None


class WhatIfAnswer(BaseModel):
    """`saved_item_hours`: of items that have a way before and after; below zero, lost."""

    month: str
    items: int
    before_mean_h: float | None
    after_mean_h: float | None
    unreachable_before: int
    unreachable_after: int
    saved_item_hours: float
    lanes: list[ChangedLane]
    lines: list[LineAnalysis]
