"""What contracts say and hear over the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from services.offices.contracts.domain import Action, Product, Status, overlapping
from shared.fields import Day, LegalId, NationalId, OfficeCode, Phone
from shared.money import Rials
from shared.text import fold_code, storable, text

WEIGHT_MAX_G = 30_000
TERMS_MAX = 50


def _folded(value: Any) -> Any:
    return fold_code(storable(value)) if isinstance(value, str) else value


ContractNumber = Annotated[
    str, BeforeValidator(_folded), Field(pattern=r"^C[0-9]{6}$", examples=["C000012"])
]
Reason = Annotated[str, text(3, 500)]
Products = Annotated[
    list[Product],
    Field(min_length=1, max_length=6, description="What may be booked; null: every product."),
]
WeightMax = Annotated[
    int, Field(ge=1, le=WEIGHT_MAX_G, description="Up to what weight; null: the product's own.")
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CommissionTerm(_Request):
    """For an item accepted in these days: a share of its price, or rials an item."""

    product: Product | Literal["all"]
    valid_from: Day
    valid_until: Day | None = None
    basis_points: Annotated[int, Field(strict=True, ge=0, le=10_000)] | None = None
    rials_per_item: Rials | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.basis_points is None) == (self.rials_per_item is None):
            raise ValueError("Give either basis_points or rials_per_item")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        return self


def _apart(terms: list[CommissionTerm]) -> list[CommissionTerm]:
    if (product := overlapping(terms)) is not None:
        raise ValueError(f"Two terms for {product} hold on one day; end one before the other")
    return terms


Commission = Annotated[list[CommissionTerm], Field(max_length=TERMS_MAX)]


class Party(_Request):
    """Whom the post has the contract with: a person by national id, a company by legal id."""

    name: Annotated[str, text(2, 200)]
    national_id: NationalId | None = None
    legal_id: LegalId | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def _one_id(self) -> Self:
        if (self.national_id is None) == (self.legal_id is None):
            raise ValueError("Give either national_id or legal_id")
        return self


class _Terms(_Request):
    products: Products | None = None
    weight_max_g: WeightMax | None = None
    commission: Commission

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _apart(self.commission)
        return self


class NewContract(_Terms):
    """`paper_reference` names a contract signed before this system kept them; it may have ended."""

    office: OfficeCode
    valid_from: Day
    valid_until: Day
    party: Party | None = None
    paper_reference: Annotated[str, text(1, 200)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        if self.party is None and self.paper_reference is None:
            raise ValueError("Give the party; only a contract with a paper_reference may lack it")
        return self


class Renewal(_Request):
    """The contract goes on: from the day after its last, under its terms where none are sent."""

    valid_from: Day | None = None
    valid_until: Day
    products: Products | None = None
    weight_max_g: WeightMax | None = None
    commission: Commission | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _apart(self.commission or [])
        return self


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)


def _optional() -> Any:
    return Field(default=None)


class Amendment(_Request):
    """The terms to change; `products: null` and `weight_max_g: null` lift the limit."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    valid_until: Day = _optional()
    products: Products | None = _optional()
    weight_max_g: WeightMax | None = _optional()
    commission: Commission = _optional()
    reason: Reason

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _apart(self.commission or [])
        return self

    def changes(self) -> dict[str, Any]:
        """What was sent, by the names of the contract's attributes."""
        sent = self.model_fields_set - {"reason"}
        found = {name: getattr(self, name) for name in sent}
        if "commission" in sent:
            found["commission"] = [term.model_dump(mode="json") for term in self.commission]
        return found


class Termination(_Request):
    """`on` is the first day without the contract; it may lie ahead."""

    on: Day
    reason: Reason


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CommissionTermOut(_Answer):
    product: str
    valid_from: date
    valid_until: date | None
    basis_points: int | None
    rials_per_item: int | None


class ContractOut(_Answer):
    """In force from `valid_from` to `valid_until`, both included, but not from `terminated_on`."""

    id: UUID
    number: str
    office: str
    valid_from: date
    valid_until: date
    terminated_on: date | None
    termination_reason: str | None
    products: list[str] | None
    weight_max_g: int | None
    commission: list[CommissionTermOut]
    status: Status
    paper_reference: str | None
    renews: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime


class VersionOut(_Answer):
    version: int
    action: Action
    terms: dict[str, Any]
    reason: str | None
    changed_by: str
    changed_at: datetime


class PartyOut(_Answer):
    name: str
    national_id: str | None
    legal_id: str | None
    phone: str | None


class CommissionOut(_Answer):
    """`term` is null where nothing was agreed for such an item: then it is 0."""

    rials: int
    term: CommissionTermOut | None
