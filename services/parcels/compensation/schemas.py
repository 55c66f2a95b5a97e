"""What complaints asks of parcels about compensation, and what it is told. Money in rials."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.accounts.schemas import Reason
from services.parcels.commissions.schemas import DeductionIn
from services.parcels.payments.domain import Status
from shared.fields import Instant, Sheba
from shared.money import RIALS_MAX
from shared.text import text

TRANSFERS_MAX = 100

Transfer = Annotated[int, Field(strict=True, ge=1, le=TRANSFERS_MAX)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewOrder(_Request):
    """A claim's so-many-th transfer; `expires_at`: until when a bank may fetch it.

    `id` will be the order's: a UUID of version 7, so that the oldest orders are paid first.
    `cod_of`: the partner whose cash on delivery it pays, which is then owed to him no more.
    """

    id: UUID
    claim: UUID
    transfer: Transfer
    beneficiary: UUID
    sheba: Sheba
    holder_name: Annotated[str, text(1, 200)]
    amount_rials: Annotated[int, Field(strict=True, ge=1, le=RIALS_MAX)]
    expires_at: Instant | None
    cod_of: UUID | None = None
    occurred_at: Instant | None = None


class OrderOut(BaseModel):
    """`created`: by this request; if not, it was ordered before, and this is what became of it."""

    id: UUID
    reference: str
    status: Status
    version: int
    created: bool


class VoidOrder(_Request):
    reason: Reason
    occurred_at: Instant | None = None


class NewDeduction(DeductionIn):
    """Below zero it gives back what was taken under another reference."""

    amount_rials: Annotated[int, Field(strict=True, ge=-RIALS_MAX, le=RIALS_MAX)]


class DeductionDone(BaseModel):
    """The same however often it is asked under its reference."""

    office: str
    amount_rials: int
    reference: str


class FactsOut(BaseModel):
    """What a claim is computed from. `cod_place` is where the cash is, null where none was taken.

    `promised_at` is null where the product committed to no time; `posted_at` is the acceptance.
    """

    barcode: str
    partner: UUID
    product: str
    channel: str
    international: bool
    status: str
    version: int
    price_rials: int
    declared_value_rials: int
    cod_rials: int
    cod_place: str | None
    cod_taken_at: datetime | None
    origin_office: str | None
    booked_at: datetime
    posted_at: datetime | None
    promised_at: datetime | None
    ended_at: datetime | None
    backfill: bool
