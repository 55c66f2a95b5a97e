"""What targets look like on the wire. All minutes are of working time."""

from datetime import date, datetime
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.complaints.vocabulary import Category, Channel, Severity
from shared.fields import Day
from shared.text import text

MINUTES_MAX: Final = 60_000
"""A thousand working hours: half a year."""
LEVELS_MAX: Final = 5

Minutes = Annotated[int, Field(strict=True, ge=1, le=MINUTES_MAX)]
Code = Annotated[
    str,
    Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", examples=["1398"]),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LevelTarget(_Request):
    """The target at an escalation level; the next level's clock starts when it is breached."""

    minutes: Minutes
    remind_before_minutes: Annotated[list[Minutes], Field(max_length=3)] = []

    @model_validator(mode="after")
    def _before(self) -> Self:
        if any(minutes >= self.minutes for minutes in self.remind_before_minutes):
            raise ValueError("a reminder comes before the target's minutes are over: write fewer")
        if len(set(self.remind_before_minutes)) < len(self.remind_before_minutes):
            raise ValueError("write each reminder once")
        return self


Levels = Annotated[list[LevelTarget], Field(min_length=1, max_length=LEVELS_MAX)]


class RuleTargets(_Request):
    """For the cases of a category, severity and channel, where null is any.

    The closest fitting rule holds: severity counts most, then category, then channel. `update`: the
    reply to what a complainant writes after the first response; none: no target.
    """

    category: Category | None = None
    severity: Severity | None = None
    channel: Channel | None = None
    first_response: Levels
    update: Annotated[list[LevelTarget], Field(max_length=LEVELS_MAX)] = []
    resolution: Levels


class Terms(_Request):
    """The rules, and what waiting for the complainant may take from the clock.

    That is `pause_max_minutes` at a time, `pauses_total_max_minutes` of a case in all.
    """

    pause_max_minutes: Minutes
    pauses_total_max_minutes: Minutes
    rules: Annotated[list[RuleTargets], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _covers(self) -> Self:
        named = [(rule.category, rule.severity, rule.channel) for rule in self.rules]
        if len(set(named)) < len(named):
            raise ValueError("write each category, severity and channel once")
        if (None, None, None) not in named:
            raise ValueError("write one rule for any category, severity and channel")
        return self


class NewTargets(Terms):
    """All targets from a day on, for the cases filed or reopened from then on. `source`: whose."""

    code: Code
    valid_from: Day
    source: Annotated[str, text(3, 500)]


class TargetsSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    valid_from: date
    source: str
    recorded_at: datetime
    withdrawn_at: datetime | None


class LevelOut(BaseModel):
    minutes: int
    remind_before_minutes: list[int]


class RuleOut(BaseModel):
    category: Category | None
    severity: Severity | None
    channel: Channel | None
    first_response: list[LevelOut]
    update: list[LevelOut]
    resolution: list[LevelOut]


class TermsOut(BaseModel):
    pause_max_minutes: int
    pauses_total_max_minutes: int
    rules: list[RuleOut]


class TargetsOut(TargetsSummary):
    terms: TermsOut
