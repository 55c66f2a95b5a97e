"""What the calendar says and hears over the wire."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from services.offices.calendar.domain import Rule, Source
from services.offices.registry.schemas import Name, Reason
from shared.calendar import YEAR_MAX, YEAR_MIN, Intervals
from shared.text import fold_digits


def _folded(value: Any) -> Any:
    return fold_digits(value) if isinstance(value, str) else value


JalaliYear = Annotated[
    # bounds before the validator: behind it they would hold but stand in no document
    int, Field(ge=YEAR_MIN, le=YEAR_MAX, examples=[1405]), BeforeValidator(_folded)
]
At = Annotated[
    AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2201, 1, 1, tzinfo=UTC))
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ExceptionIn(_Request):
    """The hours of the day, in place of the week's; none: closed. The reason is for the public."""

    intervals: Intervals
    reason: Reason


class HolidayIn(_Request):
    """Whether the day is a holiday, whatever the library says; the name is for the public."""

    holiday: bool
    name: Name
    reason: Reason


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ExceptionOut(_Answer):
    day: date
    jalali: str
    intervals: list[str]
    reason: str


class HolidayOut(_Answer):
    """`source` library: Iran's official holidays, the lunar ones estimated for days to come."""

    day: date
    jalali: str
    holiday: bool
    name: str | None
    source: Source
    reason: str | None


class HolidaysOut(_Answer):
    year: int
    items: list[HolidayOut]


class OpeningOut(_Answer):
    """`reason`: what decides; `note`: the holiday's name, or why the day is an exception.

    `closes_at`: null while it is closed. `opens_next_at`: after `closes_at`, while it is open. Both
    are null where that is more than a year ahead.
    """

    office: str
    at: datetime
    open: bool
    opens_next_at: datetime | None
    closes_at: datetime | None
    reason: Rule
    note: str | None
