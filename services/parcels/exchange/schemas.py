"""The exchange on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.parcels.bags.schemas import BagCode
from shared.fields import Day, Instant, OfficeCode, checked
from shared.identifiers import COUNTRIES, parse_exchange_office, parse_s8, parse_s9
from shared.text import text

BAGS_MAX = 200
ADVISED_MAX = 5_000

OperatorCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,12}$", examples=["DPAG"])]


def _country(value: str) -> str:
    if value not in COUNTRIES:
        raise PydanticCustomError("country", "Write a country as ISO 3166 has it, such as DE")
    return value


Country = Annotated[str, Field(max_length=2, examples=["DE"]), AfterValidator(_country)]
ExchangeOffice = Annotated[
    str, Field(max_length=6, examples=["IRTHRA"]), checked(parse_exchange_office, "exchange_office")
]
_S8 = checked(lambda text: str(parse_s8(text)), "dispatch")
S8 = Annotated[str, Field(max_length=20, examples=["DEFRAAIRTHRAAUN90012"]), _S8]
S9 = Annotated[
    str,
    Field(max_length=29, examples=["DEFRAAIRTHRAAUN90012001110105"]),
    checked(lambda text: str(parse_s9(text)), "receptacle"),
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewOperator(_In):
    """Who may take our mail over: another post, an airline, a carrier."""

    code: OperatorCode
    name: Annotated[str, text(2, 120)]
    country: Country
    valid_from: Day
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise PydanticCustomError("days", "valid_until must not be before valid_from")
        return self


class OperatorEnd(_In):
    on: Day


class OperatorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str
    country: str
    valid_from: date
    valid_until: date | None


class International(_In):
    """The parts of a UPU S8 number. `category`: A air, B SAL, C surface, D priority by surface."""

    origin: ExchangeOffice
    destination: ExchangeOffice
    category: Literal["A", "B", "C", "D"]
    subclass: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$", examples=["UN"])]


class NewDispatch(_In):
    """To an office of ours or to an operator: one of the two."""

    from_office: OfficeCode
    to_office: OfficeCode | None = None
    operator: OperatorCode | None = None
    international: International | None = None

    @model_validator(mode="after")
    def _one_receiver(self) -> Self:
        if (self.to_office is None) == (self.operator is None):
            raise PydanticCustomError("receiver", "Write either to_office or operator")
        if self.international is not None and self.operator is None:
            raise PydanticCustomError("receiver", "An international dispatch goes to an operator")
        return self


class SentBag(_In):
    bag: BagCode
    weight_g: Annotated[int, Field(ge=1, le=999_900)] | None = None


class SentBags(_In):
    bags: Annotated[list[SentBag], Field(min_length=1, max_length=BAGS_MAX)]


class HandOver(_In):
    """`receipt`: the operator's number for it. `occurred_at`: now, unless it was told later."""

    receipt: Annotated[str, text(1, 60)]
    office: OfficeCode
    occurred_at: Instant | None = None


DispatchStatus = Literal["open", "closed", "handed_over"]


class DispatchBag(BaseModel):
    bag: str
    receptacle: str | None
    weight_g: int | None
    items: int


class DispatchOut(BaseModel):
    """`number`: its UPU S8 number, if it is international."""

    id: UUID
    number: str | None
    from_office: str | None
    to_office: str | None
    operator: str | None
    status: DispatchStatus
    bags: int
    receipt: str | None
    handed_over_at: datetime | None
    created_at: datetime
    updated_at: datetime


class DispatchInFull(DispatchOut):
    content: list[DispatchBag]


class AdvisedItem(_In):
    barcode: Annotated[str, text(1, 40)]
    receptacle: S9 | None = None


class NewPreAdvice(_In):
    """What an operator says is in a dispatch to us."""

    operator: OperatorCode
    dispatch: S8
    items: Annotated[list[AdvisedItem], Field(min_length=1, max_length=ADVISED_MAX)]


class PreAdviceOut(BaseModel):
    """`missing`: listed and not seen yet; `surplus`: came in the dispatch without being listed."""

    id: UUID
    operator: str
    dispatch: str
    received_at: datetime
    listed: int
    seen: int
    missing: int
    surplus: int


ItemState = Literal["seen", "missing", "surplus"]


class AdvisedOut(BaseModel):
    """`barcode`: as we know the item; `code`: as it was listed."""

    barcode: str
    code: str
    receptacle: str | None
    state: ItemState
    seen_at: datetime | None
