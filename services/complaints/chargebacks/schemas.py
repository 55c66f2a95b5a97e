"""What charges back to offices look like on the wire. Money in rials."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.complaints.cases.schemas import Moment
from services.complaints.chargebacks.domain import Status
from services.complaints.claims.schemas import Why
from shared.fields import OfficeCode


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Appeal(_Request):
    reason: Why
    occurred_at: Moment = None


class Ruling(_Request):
    decision: Literal["uphold", "lift"]
    reason: Why
    occurred_at: Moment = None


class Liability(_Request):
    """Who answers for what was paid, where nobody was charged with it yet."""

    office: OfficeCode
    reason: Why
    occurred_at: Moment = None


class ChargeBackOut(BaseModel):
    """`deduct_at`: when it is deducted if nobody appeals."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    claim: UUID
    office: str
    amount_rials: int
    status: Status
    deduct_at: datetime | None
    reason: str | None
    announced_at: datetime
    updated_at: datetime
    version: int


class HistoryOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    version: int
    status: str
    decided_by: str
    note: str | None
    decided_at: datetime


class ChargeBackWithSteps(ChargeBackOut):
    steps: list[HistoryOut]
