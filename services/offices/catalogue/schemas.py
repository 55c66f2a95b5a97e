"""What the catalogue says and hears over the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.offices.registry.domain import Kind
from services.offices.registry.schemas import Slug
from shared.fields import Day
from shared.money import Rials
from shared.text import text

ServiceCode = Annotated[
    str,
    Field(
        max_length=60,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*$",
        examples=["civil-registration.national-card"],
        description="The body and the act, with a dot between.",
    ),
]
Name = Annotated[str, text(2, 200)]
Documents = Annotated[list[Annotated[str, text(2, 200)]], Field(max_length=30)]
Minutes = Annotated[int, Field(ge=1, le=1440)]


def _without_defaults(schema: dict[str, Any]) -> None:
    """A field left out of a change has no value, so its schema names no default."""
    for field in schema["properties"].values():
        field.pop("default", None)


def _optional() -> Any:
    """May be left out, and then has no value; null is refused where the type says so."""
    return Field(default=None)


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Change(_Request):
    model_config = ConfigDict(json_schema_extra=_without_defaults)

    def changes(self) -> dict[str, Any]:
        """What was sent, by the names of the row's attributes."""
        return self.model_dump(include=self.model_fields_set)


class NewPrincipal(_Request):
    slug: Slug
    name: Name
    name_en: Name


class PrincipalChange(_Change):
    name: Name = _optional()
    name_en: Name = _optional()


class _Priced(_Request):
    fee_rials: Rials
    office_share_rials: Rials = Field(description="What of the fee stays with the office.")

    @model_validator(mode="after")
    def _share_is_of_the_fee(self) -> Self:
        if self.office_share_rials > self.fee_rials:
            raise ValueError("office_share_rials is more than fee_rials: it is a part of it")
        return self


class NewPrice(_Priced):
    valid_from: Day = Field(description="From this day on; the past keeps its price.")


class NewService(_Priced):
    code: ServiceCode
    principal: Slug
    name: Name
    name_en: Name
    documents: Documents = Field(description="What a citizen must bring.")
    duration_minutes: Minutes
    delegated: bool = Field(default=True, description="False: a service of the counter's own.")
    electronic: bool
    at_counter: bool
    valid_from: Day
    valid_until: Day | None = None


class ServiceChange(_Change):
    """The fields to change; a price is changed by a new price."""

    name: Name = _optional()
    name_en: Name = _optional()
    documents: Documents = _optional()
    duration_minutes: Minutes = _optional()
    electronic: bool = _optional()
    at_counter: bool = _optional()
    valid_until: Day | None = _optional()


class NewRule(_Request):
    """Offices of the kind offer at least N of the services, by a regulation that is named."""

    name: Name
    kind: Kind
    services: Annotated[list[ServiceCode], Field(min_length=1, max_length=200)]
    at_least: Annotated[int, Field(ge=1, le=200)]
    valid_from: Day
    valid_until: Day | None = None
    source: Annotated[str, text(2, 500)]

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if len(set(self.services)) < len(self.services):
            raise ValueError("services names one twice")
        if self.at_least > len(self.services):
            raise ValueError("at_least is more than there are services")
        return self


class End(_Request):
    on: Day = Field(description="The last day on which it is valid.")


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PrincipalOut(_Answer):
    slug: str
    name: str
    name_en: str
    version: int
    created_at: datetime
    updated_at: datetime


class ServiceOut(_Answer):
    """Fee and share are today's."""

    code: str
    principal: str
    name: str
    name_en: str
    documents: list[str]
    duration_minutes: int
    delegated: bool
    electronic: bool
    at_counter: bool
    fee_rials: int
    office_share_rials: int
    valid_from: date
    valid_until: date | None
    version: int
    created_at: datetime
    updated_at: datetime


class PriceOut(_Answer):
    valid_from: date
    fee_rials: int
    office_share_rials: int


class ServiceInFull(ServiceOut):
    prices: list[PriceOut]


class RuleOut(_Answer):
    id: UUID
    name: str
    kind: str
    services: list[str]
    at_least: int
    valid_from: date
    valid_until: date | None
    source: str
    version: int
    created_at: datetime
    updated_at: datetime


class BreachOut(_Answer):
    """An office below a rule today: what it offers of the set, and how many it lacks."""

    office: str
    office_name: str
    kind: str
    rule: UUID
    rule_name: str
    at_least: int
    offered: list[str]
    not_offered: list[str]
    lacking: int
