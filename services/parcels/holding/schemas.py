"""What holding and returns look like on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.fields import Day
from shared.text import text

Days = Annotated[int, Field(strict=True, ge=1, le=365)]


class RuleIn(BaseModel):
    """From a day on: notices left before holding, days held, then the return's days and price."""

    model_config = ConfigDict(extra="forbid")

    valid_from: Day
    notices: Annotated[int, Field(strict=True, ge=1, le=10)]
    hold_days: Days
    return_days: Days
    return_basis_points: Annotated[
        int, Field(strict=True, ge=0, le=10_000, description="of the way back's postage")
    ]
    source: Annotated[str, text(3, 300)]


class RuleOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    valid_from: date
    notices: int
    hold_days: int
    return_days: int
    return_basis_points: int
    source: str
    recorded_at: datetime


class RulesOut(BaseModel):
    items: list[RuleOut]


class HoldingOut(BaseModel):
    """`over`: its time is up and people decide: its sender wants it destroyed."""

    barcode: str
    office: str | None
    since: datetime
    until: datetime
    over: bool


class ReturnOut(BaseModel):
    """No price where the tariff has none for the way back."""

    barcode: str
    event_id: UUID
    destination: Literal["sender", "branch"]
    branch: str | None
    office: str | None
    price_rials: int | None
    tariff_version: str | None
    started_at: datetime
    promised_at: datetime
