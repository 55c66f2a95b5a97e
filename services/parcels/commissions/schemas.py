"""What commissions, deductions and statements look like on the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.parcels.accounts.schemas import Amount, Reason
from services.parcels.invoices.schemas import MonthText
from shared.fields import Day, OfficeCode
from shared.text import text


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DeductionIn(_Request):
    """`reference` names what it is for, once: such as a compensation's number."""

    office: OfficeCode
    amount_rials: Amount
    reason: Reason
    reference: Annotated[str, text(1, 100)]
    occurred_on: Day | None = None


class IssueIn(_Request):
    office: OfficeCode
    month: MonthText


class DeductionOut(BaseModel):
    """`day` is where it is accounted."""

    id: UUID
    office: str
    amount_rials: int
    reason: str
    reference: str
    occurred_on: date
    day: date
    recorded_at: datetime


class LineOut(BaseModel):
    """Without a `contract` nothing was agreed for such items."""

    contract: str | None
    product: str
    basis_points: int | None
    rials_per_item: int | None
    items: int
    charged_rials: int
    commission_rials: int


class CommissionOut(BaseModel):
    """An office's month; `issued_at` null: as far as counted, it may still change."""

    office: str
    month: str
    items: int
    gross_rials: int
    deductions_rials: int
    brought_forward_rials: int
    payable_rials: int
    carried_forward_rials: int
    lines: list[LineOut]
    issued_at: datetime | None


class ItemOut(BaseModel):
    """`items` -1 takes an acceptance back."""

    barcode: str
    product: str
    accepted_on: date
    items: int
    charged_rials: int
    commission_rials: int
