"""What goes over the wire about satisfaction."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from services.complaints.satisfaction.domain import By
from shared.calendar import Period
from shared.fields import PeriodText
from shared.text import text


def _no_day(period: str) -> str:
    if Period.parse(period).day:
        raise PydanticCustomError("jalali_period", "Write a month, half or year: days are not kept")
    return period


ReportPeriod = Annotated[PeriodText, AfterValidator(_no_day)]
CodeText = Annotated[str, text(1, 40)]
Kinds = Literal["delivery", "case"]


class Figures(BaseModel):
    """Of those asked about a period's deliveries and closed cases, whenever they answered.

    Satisfied: scores of 4 and 5. `low_percent` and `high_percent` are Wilson's interval of 95%.
    """

    occasions: Annotated[int, Field(description="Deliveries and closed cases, asked about or not.")]
    invited: int
    answered: int
    satisfied: int
    scores: Annotated[list[int], Field(description="Answers of 1, 2, 3, 4 and 5.")]
    satisfied_percent: float | None
    low_percent: float | None
    high_percent: float | None
    response_percent: float | None
    small: Annotated[bool, Field(description="Too few answers to be ranked.")]


class Compared(Figures):
    previous: Figures


class Row(Compared):
    """`key` is empty where the office, county or product is not known."""

    key: str
    name: str | None
    rank: int | None


class Satisfaction(BaseModel):
    """`rows` by key; those of the largest share have rank 1."""

    period: str
    previous: str
    by: By | None
    total: Compared
    rows: list[Row]
    next: str | None


class Reason(BaseModel):
    """Percent of the answers that are not satisfied; one answer may have several categories."""

    category: str
    answers: int
    percent: float | None
    previous_answers: int
    previous_percent: float | None


class Reasons(BaseModel):
    period: str
    previous: str
    unsatisfied: int
    previous_unsatisfied: int
    rows: list[Reason]


class Recount(BaseModel):
    """Rows of the roll-ups that are not what the invitations and answers add up to."""

    satisfaction_differing: int
    reasons_differing: int
    clean: bool
