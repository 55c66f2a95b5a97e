"""Payloads that tell of holding and returns."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

HOLDING_BEGUN = "holding.begun"
HOLDING_ENDED = "holding.ended"
HOLDING_EXPIRED = "holding.expired"
RETURN_BEGUN = "return.begun"
RULE_SET = "holding_rule.set"


class HeldItem(BaseModel):
    """One item of `holding.begun`, `holding.expired` (people decide now), `holding.ended`."""

    barcode: str
    partner: UUID
    office: str | None
    since: datetime
    until: datetime
    status: str


class ReturnItem(BaseModel):
    """One item of `return.begun`. No price where the tariff has none for the way back."""

    barcode: str
    partner: UUID
    event_id: UUID
    destination: str
    branch: str | None
    office: str | None
    price_rials: int | None
    tariff: str | None
    started_at: datetime
    promised_at: datetime
    backfill: bool


class RuleState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    valid_from: date
    notices: int
    hold_days: int
    return_days: int
    return_basis_points: int
    source: str


class RuleEvent(BaseModel):
    holding_rule: RuleState


def items_event(items: Sequence[BaseModel]) -> dict[str, Any]:
    return {"items": [item.model_dump(mode="json") for item in items]}


def rule_event(rule: Any) -> dict[str, Any]:
    return RuleEvent(holding_rule=RuleState.model_validate(rule)).model_dump(mode="json")
