"""What is told of payees: never the account itself."""

from datetime import date
from typing import Final
from uuid import UUID

from pydantic import BaseModel

REGISTERED: Final = "payee.registered"


class PayeeState(BaseModel):
    """`sheba_masked`: its bank and its last four digits."""

    id: UUID
    partner: UUID
    sheba_masked: str
    valid_from: date


class PayeeEvent(BaseModel):
    payee: PayeeState
