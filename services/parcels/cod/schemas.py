"""What cash on delivery looks like on the wire. Money in rials."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

CourierName = Annotated[str, Field(pattern="^[0-9A-Za-z-]{1,60}$")]
"""A courier's code, or the account under which he scans."""
PlaceName = Literal["courier", "office", "due", "ordered", "paid", "reversed"]


class Owed(BaseModel):
    """Takings of one holder: of a courier, in an office's drawer, or due to a partner."""

    place: PlaceName
    collector: str | None
    office: str | None
    partner: UUID | None
    items: int
    amount_rials: int
    oldest_taken_at: datetime


class TakingOut(BaseModel):
    barcode: str
    taking: int
    partner: UUID
    amount_rials: int
    place: PlaceName
    office: str | None
    collector: str | None
    taken_at: datetime
    reversed_at: datetime | None
    hand_in: UUID | None
    drawer_close: UUID | None
    payment_order: UUID | None


class OwnTaking(BaseModel):
    """`taken`: we have it; `due`: it will be paid next; `ordered`: a bank is told to pay it."""

    barcode: str
    amount_rials: int
    state: Literal["taken", "due", "ordered", "paid", "reversed"]
    taken_at: datetime
    reversed_at: datetime | None
    payment_order: UUID | None
