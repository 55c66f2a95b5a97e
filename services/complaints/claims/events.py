"""What is told of claims: never whose account is paid."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.complaints.claims.domain import Status

OPENED: Final = "claim.opened"
FOUND: Final = "claim.parcel_found"
LIABLE: Final = "claim.liability_named"
TYPES: Final[dict[Status, str]] = {
    "assessing": "claim.reassessed",
    "payee_needed": "claim.payee_requested",
    "proposed": "claim.proposed",
    "approved": "claim.approved",
    "ordered": "claim.ordered",
    "paid": "claim.paid",
    "refused": "claim.refused",
    "returned": "claim.returned",
    "voided": "claim.voided",
    "expired": "claim.expired",
    "declined": "claim.declined",
    "reopened": "claim.reopened",
}


class ClaimState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    barcode: str
    cause: str
    status: str
    origin: str
    case_number: str | None
    partner: UUID | None
    amount_rials: int | None
    supplements: UUID | None
    liable_office: str | None
    reason: str | None
    claimed_on: date
    reopened_at: datetime | None
    backfill: bool
    version: int


class ClaimEvent(BaseModel):
    """`data` of every `claim.*`: the claim after the act, and when that was."""

    claim: ClaimState
    occurred_at: datetime


def claim_event(claim: Any, at: datetime) -> dict[str, Any]:
    told = ClaimEvent(claim=ClaimState.model_validate(claim), occurred_at=at)
    return told.model_dump(mode="json")
