"""A partner's day in sums."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel


class SumOut(BaseModel):
    """`cod_rials`: of delivered items, what was to be collected for the partner."""

    kind: str
    payer: str
    entries: int
    amount_rials: int
    vat_rials: int
    cod_rials: int


class ReconciliationOut(BaseModel):
    """What the file of the day has, `as_of` the last event that was posted."""

    partner: UUID
    day: date
    as_of: datetime | None
    entries: int
    charged_rials: int
    cod_rials: int
    sums: list[SumOut]
