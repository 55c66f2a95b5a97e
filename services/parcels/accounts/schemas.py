"""What postage accounts, their payments and limits look like on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.fields import Day
from shared.money import RIALS_MAX, Rials
from shared.text import text

AccountName = Literal["partner_prepaid", "partner_credit"]
Method = Literal["bank_transfer", "card", "cash"]
Amount = Annotated[int, Field(strict=True, ge=1, le=RIALS_MAX)]
Reason = Annotated[str, text(3, 500)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LimitIn(_Request):
    """How far a partner's credit may go below zero; null lifts the limit."""

    limit_rials: Rials | None
    reason: Reason


class PaymentIn(_Request):
    """`reference`: the bank's, the terminal's or the receipt's number; a method has it once."""

    account: AccountName
    amount_rials: Amount
    method: Method
    reference: Annotated[str, text(1, 100)]
    paid_on: Day | None = None


class ReversalIn(_Request):
    reason: Reason


class AccountOut(BaseModel):
    """`balance_rials` below zero is owed; `available_rials` null: without limit."""

    account: AccountName
    balance_rials: int
    limit_rials: int | None
    available_rials: int | None


class AccountsOut(BaseModel):
    partner: UUID
    accounts: list[AccountOut]


class PaymentOut(BaseModel):
    id: UUID
    partner: UUID
    account: AccountName
    amount_rials: int
    method: Method
    reference: str
    reverses: UUID | None
    reason: str | None
    paid_at: datetime
    recorded_at: datetime


class LimitOut(BaseModel):
    seq: int
    limit_rials: int | None
    reason: str
    set_by: str
    set_at: datetime
