"""What the clocks tell; `time` of an event is when it was due or done, not when it was seen."""

from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from services.complaints.clocks.domain import EndedBy, Kind, Measure
from services.complaints.vocabulary import Category, Channel, Severity

PAUSED: Final = "clock.paused"
RESUMED: Final = "clock.resumed"
ClockEventType = Literal[
    "clock.started",
    "clock.retargeted",
    "clock.reminded",
    "clock.breached",
    "clock.escalated",
    "clock.stopped",
    "clock.continued",
]
EVENT_TYPES: Final[dict[Kind, ClockEventType]] = {
    "started": "clock.started",
    "retargeted": "clock.retargeted",
    "reminded": "clock.reminded",
    "breached": "clock.breached",
    "escalated": "clock.escalated",
    "stopped": "clock.stopped",
    "continued": "clock.continued",
}


class ClockPayload(BaseModel):
    """A clock of a case as it is then: the `nth` of its measure, at an escalation level."""

    model_config = ConfigDict(from_attributes=True)

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
    started_at: datetime
    target_minutes: int
    due_at: datetime | None
    breached_at: datetime | None
    stopped_at: datetime | None


class ClockEvent(BaseModel):
    """`before_minutes`: of a reminder, the working time that is left.

    Why somebody escalated is on record with the clock, and not told: words may name people.
    """

    clock: ClockPayload
    before_minutes: int | None
    occurred_at: datetime


class PausePayload(BaseModel):
    """Waiting for the complainant; `capped` false: the case had been answered meanwhile."""

    number: str
    nth: int
    reason: str
    capped: bool
    since: datetime
    until: datetime | None
    ended_by: EndedBy | None


class PauseEvent(BaseModel):
    pause: PausePayload
    occurred_at: datetime
