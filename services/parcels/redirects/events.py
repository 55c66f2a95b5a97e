"""What is told of instructions."""

from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel

GIVEN: Final = "instruction.given"
WITHDRAWN: Final = "instruction.withdrawn"
SETTLED: Final = "instruction.settled"
REDIRECTED: Final = "parcel.redirected"

Kind = Literal["hold", "redirect", "recipient_change", "recall"]
InstructionStatus = Literal["open", "carried_out", "withdrawn", "overtaken"]


class InstructionState(BaseModel):
    """One item of `instruction.…`; whom it concerns by name is told to nobody.

    `price_before_rials`, `price_rials`: the item's; a redirect may make it dearer.
    """

    id: UUID
    barcode: str
    kind: Kind
    status: InstructionStatus
    asked_by: Literal["owner", "recipient"]
    asked_at: datetime
    hold_until: date | None
    to_province: str | None
    to_town: str | None
    price_before_rials: int
    price_rials: int
    settled_at: datetime | None


class RedirectedItem(BaseModel):
    """One item of `parcel.redirected`: its destination or recipient is another."""

    barcode: str
    partner: str
    reference: str | None
    instruction: UUID
    to_province: str | None
    to_town: str | None
    price_before_rials: int
    price_rials: int
    redirected_at: datetime
    version: int
    backfill: bool
