"""Payloads of counted mail."""

from uuid import UUID

from pydantic import BaseModel

COUNTED_RECORDED = "counted.recorded"
COUNTED_REVERSED = "counted.reversed"


class CountedItem(BaseModel):
    """One of `items` of both: a whole consignment; a reversal takes back what it is of."""

    id: UUID
    office: str
    reference: str
    product: str
    kind: str
    direction: str
    day: str
    items: int
    weight_g: int
    reverses: UUID | None
