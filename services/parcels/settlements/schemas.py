"""What settlements look like on the wire. Money in rials."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.payments.domain import Status as OrderStatus
from services.parcels.settlements.domain import Reason
from shared.fields import Instant

PARTNERS_MAX = 500


class NewSettlements(BaseModel):
    """Pay what is due: to these partners, or to all, so many at a time."""

    model_config = ConfigDict(extra="forbid")

    partners: Annotated[list[UUID], Field(min_length=1, max_length=PARTNERS_MAX)] | None = None
    after: UUID | None = Field(
        default=None, description="`next` of the answer before: go on behind this partner."
    )
    occurred_at: Instant | None = Field(
        default=None, description="When it happened; with the scope `backfill` only."
    )


class Settled(BaseModel):
    payment_order: UUID
    reference: str
    partner: UUID
    items: int
    items_rials: int
    carried_rials: int
    amount_rials: int


class Skipped(BaseModel):
    partner: UUID
    due_rials: int
    reason: Reason


class SettlementsOut(BaseModel):
    settled: list[Settled]
    skipped: list[Skipped]
    next: UUID | None


class OwnSettlement(Settled):
    """`status` is the payment order's; what is refused, voided or returned is due again."""

    status: OrderStatus
    trace_number: str | None
    prepared_at: datetime
    answered_at: datetime | None
