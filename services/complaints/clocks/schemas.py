"""What clocks look like on the wire. All minutes are of working time."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.complaints.clocks.domain import ClockState, EndedBy, Kind, Measure
from services.complaints.vocabulary import Category, Channel, Severity

ReportKey = Literal["none", "category", "severity", "channel", "office", "county", "month"]


class ClockOut(BaseModel):
    """The `nth` clock of a measure at an escalation level; 0 is the case's own.

    While it is paused, `due_at` is what it will be if the complainant does not write; null: not
    within a year. `breached_at` is the due time that passed. `remaining_minutes` is below zero over
    the target.
    """

    measure: Measure
    nth: int
    level: int
    state: ClockState
    started_at: datetime
    target_minutes: int
    due_at: datetime | None
    elapsed_minutes: int
    remaining_minutes: int
    breached_at: datetime | None
    stopped_at: datetime | None


class PauseOut(BaseModel):
    """Time that did not count; `capped` false: the case was answered, until it was contested.

    `ended_by` cap: it had taken all that it may, and the clock runs though nobody wrote.
    """

    nth: int
    reason: str
    capped: bool
    since: datetime
    until: datetime | None
    ended_by: EndedBy | None
    account: str | None


class StepOut(BaseModel):
    """Something that happened to a clock at `at`; `recorded_at` is when that was seen.

    `minutes`: of a reminder, the working time that was left; of a start, the target.
    """

    model_config = ConfigDict(from_attributes=True)

    kind: Kind
    measure: Measure
    nth: int
    level: int
    minutes: int
    due_at: datetime | None
    at: datetime
    recorded_at: datetime
    account: str | None
    reason: str | None


class ClocksOut(BaseModel):
    """`pause_left_minutes`: what waiting for the complainant may still take from the clock."""

    number: str
    targets: str
    severity: Severity
    level: int
    paused: bool
    pause_left_minutes: int
    clocks: list[ClockOut]
    pauses: list[PauseOut]
    steps: list[StepOut]


class RunningOut(BaseModel):
    """A clock that runs, of the queue."""

    number: str
    category: Category
    severity: Severity
    channel: Channel
    office: str | None
    county: str | None
    officer: str | None
    measure: Measure
    nth: int
    level: int
    state: ClockState
    started_at: datetime
    due_at: datetime


class ReportRow(BaseModel):
    """Of the clocks that started in the period: each is within target, late, or still running.

    `late`: overdue or stopped too late. `share_percent`: of those that are decided. `breaches`:
    breaches on record. `median_minutes`: of those that stopped.
    """

    key: str
    measure: Measure
    clocks: int
    within_target: int
    late: int
    running: int
    breaches: int
    share_percent: float | None
    median_minutes: int | None


class ReportOut(BaseModel):
    """By `key`, which is empty where a case has no such value."""

    period: str
    by: ReportKey
    rows: list[ReportRow]
