"""What is told of customers' returns."""

from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel

REQUESTED: Final = "customer_return.requested"


class ReturnState(BaseModel):
    """`barcode` is booked to carry `return_of` back. The code is for the customer only."""

    barcode: str
    return_of: str
    asked_by: Literal["owner", "recipient"]
    asked_at: datetime
    hand_in_until: datetime
    reason: str | None
    price_rials: int


class ReturnEvent(BaseModel):
    """`partner`: whose the item is that goes back to its sender."""

    partner: str
    customer_return: ReturnState
