"""What instructions look like on the wire."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from services.parcels.redirects.events import InstructionState
from services.parcels.tariff.schemas import Province
from services.parcels.verification.schemas import PhoneEnd
from shared.fields import Day, Phone, PostalCode
from shared.text import text


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Hold(_Request):
    """Do not deliver it before a day is over."""

    kind: Literal["hold"]
    until: Day


class Redirect(_Request):
    """Deliver it elsewhere."""

    kind: Literal["redirect"]
    address: Annotated[str, text(1, 500)]
    postal_code: PostalCode | None = None
    province: Province
    town: Annotated[str, text(1, 60)] | None = None


class RecipientChange(_Request):
    """Deliver it to somebody else."""

    kind: Literal["recipient_change"]
    name: Annotated[str, text(1, 200)]
    phone: Phone


class Recall(_Request):
    """Send it back."""

    kind: Literal["recall"]


AnyInstruction = Hold | Redirect | RecipientChange | Recall


class NewInstruction(RootModel[Annotated[AnyInstruction, Field(discriminator="kind")]]):
    """What the sender may ask for before delivery."""


class RecipientInstruction(_Request):
    """What the recipient may ask for: nothing that costs more."""

    phone_last_four: PhoneEnd
    instruction: Annotated[Hold | Redirect, Field(discriminator="kind")]


class InstructionOut(InstructionState):
    pass
