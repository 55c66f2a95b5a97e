"""What the reports of cases look like on the wire."""

from datetime import datetime

from pydantic import BaseModel

from services.complaints.caseload.domain import Dimension
from services.complaints.vocabulary import Category, Channel, Severity, Stage


class BreakdownRow(BaseModel):
    """`key` is null where the case does not say. `reopened`: how often, of whichever cases."""

    key: str | None
    filed: int
    joined: int
    answered: int
    closed: int
    reopened: int


class BreakdownBody(BaseModel):
    """What happened in a Jalali period of Tehran's calendar; the most filed first."""

    period: str
    by: Dimension
    rows: list[BreakdownRow]


class CountedCase(BaseModel):
    """A case that a number of the breakdown counts; `at`: when, of what was counted."""

    number: str
    category: Category
    channel: Channel
    severity: Severity
    status: Stage
    handling_office: str | None
    at: datetime


class AgeingRow(BaseModel):
    """Open cases by age: under a day, under 3, 7 and 30 days, and older."""

    key: str | None
    open: int
    day: int
    three_days: int
    week: int
    month: int
    older: int


class AgeingBody(BaseModel):
    as_of: datetime
    by: Dimension
    rows: list[AgeingRow]
