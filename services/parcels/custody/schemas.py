"""What custody looks like on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.booking.schemas import StatusName
from services.parcels.custody.domain import VALUE_MAX, TermName
from services.parcels.custody.events import TermState
from shared.fields import Day
from shared.text import text

Reason = Annotated[str, text(3, 500)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Decision(_Request):
    reason: Reason


class NewTerm(_Request):
    """A rule's value from a day on (in Tehran), until another one begins."""

    name: TermName
    valid_from: Day
    value: Annotated[int, Field(strict=True, ge=1, le=VALUE_MAX)]
    source: Annotated[str, text(3, 300)]


class TermOut(TermState):
    pass


class CustodyOut(BaseModel):
    """Who answers for the parcel; of one that ended, by which event. `office`: by code."""

    barcode: str
    status: StatusName
    custodian: str | None
    office: str | None
    event_id: UUID | None
    since: datetime | None
    version: int
