"""What payees look like on the wire: to staff only."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.fields import Day, Sheba
from shared.text import text


class NewPayee(BaseModel):
    """The account that a partner is paid to from a day on."""

    model_config = ConfigDict(extra="forbid")

    partner: UUID
    sheba: Sheba
    holder_name: Annotated[str, text(1, 200)]
    valid_from: Day
    source: Annotated[str, text(1, 200)] = Field(description="The letter or form that says so.")


class PayeeOut(BaseModel):
    id: UUID
    partner: UUID
    sheba: str
    holder_name: str
    valid_from: date
    source: str
    registered_by: str
    registered_at: datetime
