"""What payouts look like on the wire. Money in rials."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.complaints.payouts.domain import Status


class PayoutOut(BaseModel):
    """`reference` and `trace_number` are the payment order's; null until there is one."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    claim: UUID
    transfer: int
    cause: str
    supplements: UUID | None
    amount_rials: int
    status: Status
    reference: str | None
    trace_number: str | None
    reason: str | None
    ordered_at: datetime
    expires_at: datetime
    answered_at: datetime | None


class PayoutsOut(BaseModel):
    items: list[PayoutOut]
