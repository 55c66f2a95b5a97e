"""Payloads that pickups publish. No person and no address is in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

PICKUP_REQUESTED = "pickup.requested"
PICKUP_ASSIGNED = "pickup.assigned"
PICKUP_COLLECTED = "pickup.collected"
PICKUP_MISSED = "pickup.missed"
PICKUP_CANCELLED = "pickup.cancelled"


class PickupState(BaseModel):
    id: UUID
    partner: UUID
    office: str | None
    manifest: str | None
    pieces: int
    collected_pieces: int | None
    weight_g: int
    window_from: datetime
    window_until: datetime
    status: str
    courier: str | None
    reason: str | None
    collected_at: datetime | None
    version: int


def pickup_event(state: dict[str, Any]) -> dict[str, Any]:
    return {"pickup": PickupState.model_validate(state).model_dump(mode="json")}
