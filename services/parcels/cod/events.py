"""What is told of cash on delivery."""

from typing import Final
from uuid import UUID

from pydantic import BaseModel

TAKEN: Final = "cod.taken"
REVERSED: Final = "cod.reversed"


class TakingState(BaseModel):
    """`collector`: the courier; none where the office took the cash itself."""

    barcode: str
    taking: int
    partner: UUID
    amount_rials: int
    office: str | None
    collector: str | None


class TakingsEvent(BaseModel):
    """`cod.taken` and `cod.reversed`."""

    items: list[TakingState]
