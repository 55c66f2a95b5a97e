"""What the registry says and hears over the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.offices.events import GateState
from services.offices.registry.domain import Kind, Status
from shared.calendar import Hours
from shared.fields import OfficeCode, PostalCode
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


def _without_defaults(schema: dict[str, Any]) -> None:
    """A field left out of a change has no value, so its schema names no default."""
    for field in schema["properties"].values():
        field.pop("default", None)


def _optional() -> Any:
    """May be left out, and then has no value; null is refused where the type says so."""
    return Field(default=None)


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewOffice(_Request):
    name: Name
    kind: Kind
    town: Slug
    address: Address
    postal_code: PostalCode
    latitude: OfficeLatitude
    longitude: OfficeLongitude
    hours: Hours
    sorting_centre: OfficeCode | None = None


class OfficeChange(_Request):
    """The fields to change; `sorting_centre: null` takes the assignment away."""

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

    def changes(self) -> dict[str, Any]:
        """What was sent, by the names of the office's attributes."""
        return self.model_dump(mode="json", include=self.model_fields_set)


class Suspension(_Request):
    reason: Annotated[str, text(3, 500)]


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
    gate: GateState
    version: int
    created_at: datetime
    updated_at: datetime


class NearOffice(_Answer):
    office: OfficeOut
    distance_m: int
    open_now: bool


class NearestOut(_Answer):
    items: list[NearOffice]
