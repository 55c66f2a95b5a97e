"""What payment orders look like on the wire. Money in rials."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.payments.domain import Purpose, Status
from shared.fields import Instant
from shared.money import Rials
from shared.text import text

FETCH_MAX = 200

TraceNumber = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,40}$", examples=["980101000123"])]
Why = Annotated[str, text(1, 500)]
OccurredAt = Annotated[
    Instant | None, Field(description="When it happened; with the scope `backfill` only.")
]


class PaymentOrderOut(BaseModel):
    id: UUID
    purpose: Purpose
    reference: str
    beneficiary: UUID
    sheba: str
    holder_name: str
    amount_rials: int
    status: Status
    version: int
    bank: UUID | None
    trace_number: str | None
    return_trace_number: str | None
    reason: str | None
    prepared_at: datetime
    fetched_at: datetime | None
    answered_at: datetime | None


class StepOut(BaseModel):
    version: int
    status: Status
    decided_by: str
    note: str | None
    decided_at: datetime


class PaymentOrderWithSteps(PaymentOrderOut):
    steps: list[StepOut]


class Fetch(BaseModel):
    """At most so many orders, oldest first."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(strict=True, ge=1, le=FETCH_MAX)] = FETCH_MAX
    occurred_at: OccurredAt = None


class Fetched(BaseModel):
    orders: list[PaymentOrderOut]


class Confirmation(BaseModel):
    """The bank has paid: the same trace number again is no second payment."""

    model_config = ConfigDict(extra="forbid")

    trace_number: TraceNumber
    amount_rials: Rials
    occurred_at: OccurredAt = None


class Refusal(BaseModel):
    """The bank has not paid and will not."""

    model_config = ConfigDict(extra="forbid")

    reason: Why
    occurred_at: OccurredAt = None


class ReturnedTransfer(BaseModel):
    """The beneficiary's bank sent the money back."""

    model_config = ConfigDict(extra="forbid")

    trace_number: TraceNumber
    reason: Why
    occurred_at: OccurredAt = None


class Decision(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Why
    occurred_at: OccurredAt = None
