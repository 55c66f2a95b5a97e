"""The payload that tells of a destruction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

DESTRUCTION_RECORDED = "destruction.recorded"


class DestructionState(BaseModel):
    barcode: str
    partner: UUID
    event_id: UUID
    record: str
    office: str | None
    destroyed_at: datetime


class DestructionEvent(BaseModel):
    destruction: DestructionState


def destruction_event(state: DestructionState) -> dict[str, Any]:
    return DestructionEvent(destruction=state).model_dump(mode="json")
