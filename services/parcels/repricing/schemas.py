"""What recomputations, their charges and refund proposals look like on the wire."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.parcels.tariff.schemas import TariffCode
from shared.fields import Day

PERIOD_MAX = timedelta(days=366)

Kind = Literal["over", "under"]


class NewRecomputation(BaseModel):
    """Under which published tariff to price what was booked on these days, both included."""

    model_config = ConfigDict(extra="forbid")

    version: TariffCode
    booked_from: Day
    booked_until: Day
    proposes_refunds: Annotated[
        bool, Field(strict=True, description="Propose refunds of what was charged too much.")
    ] = False

    @model_validator(mode="after")
    def _is_a_period(self) -> Self:
        if not timedelta() <= self.booked_until - self.booked_from < PERIOD_MAX:
            raise ValueError("booked_until comes after booked_from, by a year at most")
        return self


class RecomputationOut(BaseModel):
    """`without_price`: items the version has no price for, which are in no list."""

    id: UUID
    version: str
    booked_from: date
    booked_until: date
    proposes_refunds: bool
    status: Literal["running", "finished"]
    examined: int
    without_price: int
    over_count: int
    over_rials: int
    under_count: int
    under_rials: int
    refunds_count: int
    refunds_rials: int
    requested_at: datetime
    finished_at: datetime | None


class ChargeOut(BaseModel):
    """`difference_rials`: what was charged too much; below zero, too little."""

    barcode: str
    partner: UUID
    booked_tariff: str
    charged_rials: int
    due_rials: int
    difference_rials: int


class RefundProposalOut(BaseModel):
    """What to give back for an item, beyond what was proposed before; no money has moved."""

    barcode: str
    partner: UUID
    recomputation: UUID
    amount_rials: int
    proposed_at: datetime
