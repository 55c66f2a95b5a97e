"""What claims look like on the wire. Money in rials."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.domain import case_number, parse_number
from services.complaints.cases.schemas import Barcode, Moment
from services.complaints.claims.domain import Origin, Status
from services.complaints.rules.domain import Cause, Contents
from shared.fields import OfficeCode, Sheba, checked
from shared.money import Rials
from shared.text import text

CaseNumber = Annotated[
    str,
    text(1, 40),
    checked(lambda value: case_number(parse_number(value)), "case_number"),
    Field(examples=["C-1398-0000123-6"]),
]
Why = Annotated[str, text(3, 500)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PayeeIn(_Request):
    """The account to be paid, and who holds it."""

    sheba: Sheba
    holder_name: Annotated[str, text(1, 200)]


class PayeeRequest(PayeeIn):
    occurred_at: Moment = None


class NewClaim(_Request):
    """About a parcel; `case` names the case about it, which a complainant has.

    `loss_rials`: what was lost, as the claimant says; from an officer, as found.
    """

    barcode: Barcode
    case: CaseNumber | None = None
    cause: Cause
    contents: Contents = "goods"
    loss_rials: Rials | None = None
    payee: PayeeIn | None = None
    liable_office: OfficeCode | None = Field(default=None, description="By an officer only.")
    occurred_at: Moment = None


class Assessment(_Request):
    """What an officer finds; what is left out stays as it is."""

    loss_rials: Rials | None = None
    contents: Contents | None = None
    liable_office: OfficeCode | None = None
    note: Why
    occurred_at: Moment = None


class Supplement(_Request):
    """After an appeal: what was lost in all; what was paid is taken off."""

    loss_rials: Rials
    note: Why
    occurred_at: Moment = None


class Decision(_Request):
    note: Why
    occurred_at: Moment = None


class StepOut(BaseModel):
    """One step of the computation; the `rials` of all add up to the amount."""

    step: str
    rials: int
    text: str


class PayeeOut(BaseModel):
    """The bank and the last four digits."""

    sheba_masked: str
    holder_name: str


class ClaimOut(BaseModel):
    """`rules`: the version it was computed by, `worked`: how; null until it is computed."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    barcode: str
    cause: Cause
    status: Status
    origin: Origin
    case_number: str | None
    contents: Contents
    asked_rials: int | None
    loss_rials: int | None
    rules: str | None
    worked: list[StepOut] | None
    amount_rials: int | None
    supplements: UUID | None
    reason: str | None
    claimed_on: date
    opened_at: datetime
    updated_at: datetime
    reopened_at: datetime | None
    version: int
    payee: PayeeOut | None


class HistoryOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    version: int
    status: Status
    decided_by: str
    note: str | None
    decided_at: datetime


class ApprovalOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    round: int
    approver: str
    amount_rials: int
    approved_at: datetime


class StaffClaimOut(ClaimOut):
    """A claim as staff see it; approvals of an earlier `round` are void."""

    opened_by: str
    proposed_by: str | None
    partner: UUID | None
    liable_office: str | None
    round: int
    steps: list[HistoryOut]
    approvals: list[ApprovalOut]


class SummaryOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    barcode: str
    cause: Cause
    status: Status
    origin: Origin
    case_number: str | None
    amount_rials: int | None
    supplements: UUID | None
    liable_office: str | None
    claimed_on: date
    updated_at: datetime
    reopened_at: datetime | None
    version: int
