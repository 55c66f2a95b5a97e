"""What is told of payment orders: the beneficiary by id, never the account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

PREPARED: Final = "payment_order.prepared"
FETCHED: Final = "payment_order.fetched"
UNKNOWN: Final = "payment_order.unknown"
PAID: Final = "payment_order.paid"
REFUSED: Final = "payment_order.refused"
VOIDED: Final = "payment_order.voided"
EXPIRED: Final = "payment_order.expired"
RETURNED: Final = "payment_order.returned"


class PaymentOrderState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    purpose: str
    reference: str
    beneficiary: UUID
    amount_rials: int
    status: str
    version: int
    bank: UUID | None
    trace_number: str | None
    return_trace_number: str | None
    reason: str | None
    prepared_at: datetime
    fetched_at: datetime | None
    answered_at: datetime | None


class PaymentOrdersEvent(BaseModel):
    """Every `payment_order.*`: one row for all that changed together."""

    items: list[PaymentOrderState]


def orders_event(orders: Sequence[Any]) -> dict[str, Any]:
    states = [PaymentOrderState.model_validate(order) for order in orders]
    return PaymentOrdersEvent(items=states).model_dump(mode="json")
