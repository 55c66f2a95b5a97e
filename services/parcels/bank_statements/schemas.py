"""What bank statements look like on the wire. Money in rials."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.bank_statements.domain import Kind, Outcome
from services.parcels.payments.schemas import TraceNumber
from shared.fields import Day
from shared.money import Rials

LINES_MAX = 1_000


class LineIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Kind
    reference: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,40}$")] = Field(
        description="The payment order's."
    )
    trace_number: TraceNumber
    amount_rials: Rials


class NewStatement(BaseModel):
    """All that a bank paid for us on a day, and what came back; it closes the day."""

    model_config = ConfigDict(extra="forbid")

    day: Day
    lines: Annotated[list[LineIn], Field(max_length=LINES_MAX)]


class LineOut(BaseModel):
    n: int
    kind: Kind
    reference: str
    trace_number: str
    amount_rials: int
    outcome: Outcome


class Missing(BaseModel):
    """Confirmed to us on that day, but in none of the bank's statements."""

    payment_order: UUID
    reference: str
    trace_number: str
    amount_rials: int


class StatementSummary(BaseModel):
    id: UUID
    bank: UUID
    day: date
    recorded_at: datetime


class StatementOut(StatementSummary):
    """`exceptions`: lines that do not fit, for people."""

    lines: int
    matched: int
    confirmed: int
    returned: int
    exceptions: list[LineOut]
    missing: list[Missing]
