"""What corrections look like on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.corrections.events import DeclarationState, Reason, RulingState
from services.parcels.scanning.schemas import EventName
from shared.text import text

Note = Annotated[str, text(3, 500)]
CORRECTIVE_MAX = 20


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewDeclaration(_Request):
    """That an event was wrong. What holds instead is scanned by an event of its own."""

    event_id: UUID
    reason: Reason
    note: Note
    corrective_event_ids: Annotated[list[UUID], Field(max_length=CORRECTIVE_MAX)] = []


class NewRuling(_Request):
    """Whether an event from outside the offline window counts."""

    event_id: UUID
    ruling: Literal["accepted", "dismissed"]
    note: Note


class DeclarationOut(DeclarationState):
    pass


class RulingOut(RulingState):
    pass


class RecordedEvent(BaseModel):
    """`counts`: whether the item's state is folded with it."""

    event_id: UUID
    event: EventName
    office: str | None
    occurred_at: datetime
    recorded_at: datetime
    device: str | None
    counts: bool
    declaration: DeclarationOut | None
    ruling: RulingOut | None


class RecordedEvents(BaseModel):
    barcode: str
    events: list[RecordedEvent]


class UnmatchedOut(BaseModel):
    """A scan of no item. `waiting`: its item may yet be booked."""

    id: int
    barcode: str
    event_id: UUID
    reason: Literal["unknown", "malformed"]
    waiting: bool
    recorded_at: datetime
    matched_at: datetime | None
