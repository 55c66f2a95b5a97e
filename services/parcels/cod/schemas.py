"""What cash on delivery looks like on the wire. Money in rials."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

CourierName = Annotated[str, Field(pattern="^[0-9A-Za-z-]{1,60}$")]
"""A courier's code, or the account under which he scans."""
PlaceName = Literal["courier", "office", "due", "ordered", "paid", "reversed"]


class Owed(BaseModel):
    """What one holder has: a courier, an office's drawer, or the post that owes it to a partner.

    `carried_rials`: besides the takings. A miscount that a courier owes; below zero where he, or a
    partner, got what was taken back later.
    """

    place: PlaceName
    collector: str | None
    office: str | None
    partner: UUID | None
    items: int
    amount_rials: int
    carried_rials: int
    oldest_taken_at: datetime | None


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
