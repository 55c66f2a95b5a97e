"""What is told of charges back to offices."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.complaints.chargebacks.domain import Status

TYPES: Final[dict[Status, str]] = {
    "announced": "charge_back.announced",
    "appealed": "charge_back.appealed",
    "due": "charge_back.confirmed",
    "deducted": "charge_back.deducted",
    "lifting": "charge_back.withdrawn",
    "lifted": "charge_back.lifted",
}


class ChargeBackState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    claim: UUID
    payout: UUID
    office: str
    amount_rials: int
    status: str
    reason: str | None
    version: int


class ChargeBackEvent(BaseModel):
    charge_back: ChargeBackState
    occurred_at: datetime


def charge_back_event(row: Any, at: datetime) -> dict[str, Any]:
    told = ChargeBackEvent(charge_back=ChargeBackState.model_validate(row), occurred_at=at)
    return told.model_dump(mode="json")
