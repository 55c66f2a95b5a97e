"""What counted cash looks like on the wire. Money in rials."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.cod.schemas import CourierName
from services.parcels.drawers.events import DrawerCloseState, HandInState
from shared.fields import Day, Instant, OfficeCode
from shared.money import Rials
from shared.text import text

Note = Annotated[str, text(1, 500)]
_NOTE_HELP = "Why it is not what was expected; needed then."
_TIME_HELP = "When it happened; with the scope `backfill` only."


class NewHandIn(BaseModel):
    """All the cash that a courier has of ours, as the office counted it."""

    model_config = ConfigDict(extra="forbid")

    office: OfficeCode
    collector: CourierName
    receipt: Annotated[str, text(1, 40)] = Field(description="The office's number for it.")
    counted_rials: Rials
    note: Note | None = Field(default=None, description=_NOTE_HELP)
    occurred_at: Instant | None = Field(default=None, description=_TIME_HELP)


class HandInOut(HandInState):
    note: str | None
    received_by: str
    recorded_at: datetime


class NewDrawerClose(BaseModel):
    """The end of an office's day; what is counted is paid in at the bank."""

    model_config = ConfigDict(extra="forbid")

    day: Day
    counted_rials: Rials
    note: Note | None = Field(default=None, description=_NOTE_HELP)
    occurred_at: Instant | None = Field(default=None, description=_TIME_HELP)


class DrawerCloseOut(DrawerCloseState):
    note: str | None
    closed_by: str
    recorded_at: datetime


class DrawerOut(BaseModel):
    """What should be in an office's drawer now."""

    office: str
    items: int
    takings_rials: int
    carried_rials: int
    expected_rials: int
    last_closed: date | None
