"""What invoices, statements and billing profiles look like on the wire."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from shared.calendar import Period
from shared.fields import LegalId, NationalId, PeriodText, PostalCode
from shared.text import text


def _month(value: str) -> str:
    period = Period.parse(value)
    if period.month is None or period.day is not None:
        raise PydanticCustomError("month", "Write a Jalali month as 1397-05")
    return value


MonthText = Annotated[PeriodText, AfterValidator(_month), Field(examples=["1398-01"])]


class IssueIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    month: MonthText


class ProfileIn(BaseModel):
    """Whom a partner's invoices are made out to: a company by legal id, a person by national id."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, text(2, 200)]
    legal_id: LegalId | None = None
    national_id: NationalId | None = None
    address: Annotated[str, text(3, 500)]
    postal_code: PostalCode | None = None

    @model_validator(mode="after")
    def _one_id(self) -> Self:
        if (self.legal_id is None) == (self.national_id is None):
            raise ValueError("Give either legal_id or national_id")
        return self


class ProfileOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    legal_id: str | None
    national_id: str | None
    address: str
    postal_code: str | None
    updated_at: datetime


class LineOut(BaseModel):
    kind: str
    product: str | None
    account: str
    entries: int
    base_rials: int
    vat_rials: int
    total_rials: int


class StatementOut(BaseModel):
    """A month as far as posted; `invoice`: the number, once it is issued and so cannot change."""

    partner: UUID
    month: str
    invoice: str | None
    opening_rials: int
    charges_rials: int
    vat_rials: int
    payments_rials: int
    closing_rials: int
    lines: list[LineOut]


class InvoiceOut(BaseModel):
    """`closing_rials` above zero is owed; charges are without VAT."""

    number: str
    partner: UUID
    month: str
    opening_rials: int
    charges_rials: int
    vat_rials: int
    payments_rials: int
    closing_rials: int
    lines: list[LineOut]
    issued_at: datetime
