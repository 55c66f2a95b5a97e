"""What customers' returns look like on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.booking.schemas import StatusName
from services.parcels.returns.events import ReturnState
from services.parcels.verification.schemas import PhoneEnd
from shared.fields import OfficeCode
from shared.text import text


class NewReturn(BaseModel):
    """`office`: where it is handed in; without it, the one that delivered the parcel."""

    model_config = ConfigDict(extra="forbid")

    office: OfficeCode | None = None
    reason: Annotated[str, text(1, 200)] | None = None


class RecipientReturn(NewReturn):
    phone_last_four: PhoneEnd


class ReturnOut(ReturnState):
    """`code`: shown at a counter, it does for the label."""

    code: str


class ReturnAtCounter(BaseModel):
    """What a counter needs to accept it: the barcode to print and scan."""

    barcode: str
    return_of: str
    status: StatusName
    hand_in_until: datetime
    in_time: Annotated[bool, Field(description="Whether it can still be handed in.")]
