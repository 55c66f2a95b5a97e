"""What a bank pays for the post, and what it states of its days."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from susa_client.models.base import Answer, Request


class FetchOrders(Request):
    limit: int = 200
    occurred_at: AwareDatetime | None = None


class PaymentOrder(Answer):
    """Pay `amount_rials` to `sheba`, naming `reference`: by it a statement is matched."""

    id: UUID
    purpose: str
    reference: str
    amount_rials: int
    sheba: str = Field(repr=False)
    holder_name: str = Field(repr=False)
    status: str
    beneficiary: UUID
    bank: UUID | None
    trace_number: str | None
    return_trace_number: str | None
    reason: str | None
    prepared_at: AwareDatetime
    fetched_at: AwareDatetime | None
    answered_at: AwareDatetime | None
    version: int


class FetchedOrders(Answer):
    orders: list[PaymentOrder]


class Confirmation(Request):
    """`trace_number`: yours, of no other transfer."""

    trace_number: str
    amount_rials: int
    occurred_at: AwareDatetime | None = None


class Refusal(Request):
    reason: str
    occurred_at: AwareDatetime | None = None


class ReturnedTransfer(Request):
    trace_number: str
    reason: str
    occurred_at: AwareDatetime | None = None


class StatementLine(Request):
    kind: Literal["paid", "returned"]
    reference: str
    trace_number: str
    amount_rials: int


class NewStatement(Request):
    """All that was paid for us, and all that came back, on a day that is over."""

    day: date
    lines: list[StatementLine]


class StatementLineResult(Answer):
    n: int
    kind: str
    reference: str
    trace_number: str
    amount_rials: int
    outcome: str


class StatementMissing(Answer):
    """Confirmed for that day, but not stated."""

    payment_order: UUID
    reference: str
    trace_number: str
    amount_rials: int


class Statement(Answer):
    id: UUID
    bank: UUID
    day: date
    lines: int
    matched: int
    confirmed: int
    returned: int
    exceptions: list[StatementLineResult]
    missing: list[StatementMissing]
    recorded_at: AwareDatetime
