"""What the registry says and hears over the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.offices.events import GateState
from services.offices.registry.domain import Capability, Kind, OwnerKind, Status
from shared.calendar import Hours
from shared.fields import Day, OfficeCode, PostalCode
from shared.text import text

# Iran with a margin: refuses coordinates given in the wrong order, the usual mistake
OfficeLatitude = Annotated[float, Field(ge=24, le=41, allow_inf_nan=False)]
OfficeLongitude = Annotated[float, Field(ge=43, le=64.5, allow_inf_nan=False)]


def _to_the_centimetre(degrees: float) -> float:
    """Seven decimals are a centimetre; PostgreSQL's sine refuses numbers as small as 5e-324."""
    return round(degrees, 7)


_Precise = AfterValidator(_to_the_centimetre)
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False), _Precise]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False), _Precise]
Slug = Annotated[str, Field(max_length=40, pattern=r"^[a-z]+(-[a-z]+)*$", examples=["ahvaz"])]
Name = Annotated[str, text(2, 120)]
Address = Annotated[str, text(3, 400)]
Reference = Annotated[str, text(1, 120)]
"""Of the paper behind a change: a letter's or a decision's number."""
Reason = Annotated[str, text(3, 500)]
Capacity = Annotated[int, Field(ge=1, le=1_000_000, description="Items a day.")]


def _each_once(found: list[Capability]) -> list[Capability]:
    return sorted(set(found))


Capabilities = Annotated[list[Capability], Field(max_length=20), AfterValidator(_each_once)]


def _without_defaults(schema: dict[str, Any]) -> None:
    """A field left out of a change has no value, so its schema names no default."""
    for field in schema["properties"].values():
        field.pop("default", None)


def _optional() -> Any:
    """May be left out, and then has no value; null is refused where the type says so."""
    return Field(default=None)


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Owner(_Request):
    """Who holds the office: the post itself, which needs no name, a company, or a person."""

    kind: OwnerKind
    name: Name | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.name is None) != (self.kind == "post"):
            raise PydanticCustomError(
                "owner_name", "Name the company or person; the post itself goes without a name"
            )
        return self


class PastKind(_Request):
    """What the office was until a day, which is included; the next kind began the day after."""

    kind: Kind
    valid_until: Day
    reference: Reference | None = None


class NewOffice(_Request):
    """`capabilities` and `owner` follow from the kind where they are left out."""

    name: Name
    kind: Kind
    town: Slug
    address: Address
    postal_code: PostalCode
    latitude: OfficeLatitude
    longitude: OfficeLongitude
    hours: Hours
    sorting_centre: OfficeCode | None = None
    capacity_per_day: Capacity | None = None
    capabilities: Capabilities | None = None
    owner: Owner | None = None
    founded_on: Day | None = None
    past_kinds: Annotated[
        list[PastKind], Field(max_length=10, description="The oldest first, from `founded_on` on.")
    ] = []


class OfficeChange(_Request):
    """The fields to correct; `sorting_centre: null` takes the assignment away.

    A move, another holder or another kind from a day on is a relocation, transfer or conversion.
    """

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    name: Name = _optional()
    kind: Kind = _optional()
    town: Slug = _optional()
    address: Address = _optional()
    postal_code: PostalCode = _optional()
    latitude: OfficeLatitude = _optional()
    longitude: OfficeLongitude = _optional()
    hours: Hours = _optional()
    sorting_centre: OfficeCode | None = _optional()
    capacity_per_day: Capacity | None = _optional()
    capabilities: Capabilities = _optional()
    owner: Owner = _optional()

    def changes(self) -> dict[str, Any]:
        """What was sent but for the owner, by the names of the office's attributes."""
        return self.model_dump(mode="json", include=self.model_fields_set - {"owner"})


class Suspension(_Request):
    reason: Reason


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TownOut(_Answer):
    slug: str
    name: str
    name_en: str
    county: str
    latitude: float
    longitude: float
    population: int


class TownsOut(_Answer):
    items: list[TownOut]


class OwnerOut(_Answer):
    """`name`: of a company; a person's is not public."""

    kind: OwnerKind
    name: str | None


class OfficeOut(_Answer):
    code: str
    name: str
    kind: Kind
    county: str
    town: str
    province: str
    address: str
    postal_code: str
    latitude: float
    longitude: float
    hours: Hours
    status: Status
    sorting_centre: str | None
    capacity_per_day: int | None
    capabilities: list[Capability]
    owner: OwnerOut | None
    founded_on: date | None
    gate: GateState
    version: int
    created_at: datetime
    updated_at: datetime
