"""What the contact centre looks like on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.schemas import Moment, SummaryBody
from services.complaints.clients import CallerParcel
from shared.fields import Phone
from shared.text import text

Outcome = Literal["case_filed", "informed", "transferred", "broken_off", "other"]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CallRequest(_Request):
    phone: Phone
    occurred_at: Moment = None


class CallerRequest(_Request):
    phone: Phone


class EndRequest(_Request):
    outcome: Outcome
    note: Annotated[str, text(1, 1000)] | None = None
    occurred_at: Moment = None


class CallBody(BaseModel):
    """`phone` is null once erased; `cases`: the numbers of those filed during it."""

    id: int
    operator: str
    phone: str | None
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    note: str | None
    cases: list[str]


class CallerBody(BaseModel):
    """All that is known by a number: parcels sent or to come, cases and calls, the newest fifty.

    `parcels` is null while parcels cannot be asked.
    """

    phone: str
    parcels: list[CallerParcel] | None
    cases: list[SummaryBody]
    calls: list[CallBody] = Field(description="The newest first.")
