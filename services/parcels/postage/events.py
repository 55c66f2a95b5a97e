"""What is told of postage, invoices, refunds and commissions. No personal data."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

ACCOUNT_CHANGED: Final = "postage_account.changed"
PAYMENT_RECORDED: Final = "postage_payment.recorded"
PROFILE_CHANGED: Final = "billing_profile.changed"
INVOICE_ISSUED: Final = "invoice.issued"
REFUNDS_DECIDED: Final = "refund.decided"
DEDUCTION_RECORDED: Final = "commission_deduction.recorded"
STATEMENT_ISSUED: Final = "commission_statement.issued"


class _State(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class AccountState(_State):
    partner: UUID
    account: str
    limit_rials: int | None
    balance_rials: int


class PaymentState(_State):
    id: UUID
    partner: UUID
    account: str
    amount_rials: int
    method: str
    reference: str
    reverses: UUID | None
    paid_at: datetime


class ProfileState(_State):
    """That it changed, not to what: that is personal."""

    partner: UUID


class InvoiceState(_State):
    number: str
    partner: UUID
    month: str
    opening_rials: int
    charges_rials: int
    vat_rials: int
    payments_rials: int
    closing_rials: int


class DecidedRefund(BaseModel):
    """One item of `refund.decided`."""

    barcode: str
    partner: UUID
    recomputation: UUID
    approved: bool
    amount_rials: int


class DeductionState(_State):
    id: UUID
    office: str
    amount_rials: int
    reason: str
    reference: str
    occurred_on: date


class StatementState(_State):
    office: str
    month: str
    items: int
    gross_rials: int
    deductions_rials: int
    brought_forward_rials: int
    payable_rials: int
    carried_forward_rials: int


def told(noun: str, state: BaseModel) -> dict[str, Any]:
    """The payload of an event: the whole state under its noun."""
    return {noun: state.model_dump(mode="json")}
