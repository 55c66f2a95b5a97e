"""Payloads that delivery publishes. No person, code or image is in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

DELIVERY_PROVED = "delivery.proved"
ATTEMPT_RECORDED = "attempt.recorded"
PROOF_ERASED = "proof.erased"
CODE_REISSUED = "delivery_code.reissued"


class ProofState(BaseModel):
    barcode: str
    partner: UUID
    event_id: UUID
    method: str
    receiver: str
    national_card_seen: bool
    office: str | None
    courier: str | None
    delivered_at: datetime


class AttemptState(BaseModel):
    """`notice`: the how-manieth was left at the address."""

    barcode: str
    partner: UUID
    event_id: UUID
    reason: str
    action: str
    notice: int | None
    office: str | None
    courier: str | None
    attempted_at: datetime


class ErasedState(BaseModel):
    barcode: str
    partner: UUID


class CodeState(BaseModel):
    """A new code holds; whoever tells the recipient asks delivery.service.code_of for it."""

    barcode: str
    partner: UUID
    serial: int


class ProofEvent(BaseModel):
    delivery: ProofState


class AttemptEvent(BaseModel):
    attempt: AttemptState


class ErasedEvent(BaseModel):
    proof: ErasedState


class CodeEvent(BaseModel):
    delivery_code: CodeState


def payload(event: BaseModel) -> dict[str, Any]:
    return event.model_dump(mode="json")
