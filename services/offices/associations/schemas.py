"""What the associations say and hear over the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.offices.associations.domain import Level, Seat
from services.offices.registry.schemas import Slug
from shared.fields import Day, Mobile, OfficeCode
from shared.text import text

Name = Annotated[str, text(2, 200)]
RegistrationNumber = Annotated[str, text(1, 60)]
Reason = Annotated[str, text(3, 500)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class NewAssociation(_Request):
    """`province` is for a provincial association, and only for one."""

    level: Level
    name: Name
    name_en: Name
    province: Slug | None = None
    registration_number: RegistrationNumber | None = None
    founded_on: Day | None = None

    @model_validator(mode="after")
    def _of_a_province(self) -> Self:
        if (self.level == "provincial") != (self.province is not None):
            raise PydanticCustomError(
                "province", "province: name it for a provincial association, and only for one"
            )
        return self


def _without_defaults(schema: dict[str, Any]) -> None:
    for one in schema["properties"].values():
        one.pop("default", None)


def _optional() -> Any:
    """May be left out, and then has no value; null is refused where the type says so."""
    return Field(default=None)


class AssociationChange(_Request):
    """The fields to change; `dissolved_on` is its last day."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    name: Name = _optional()
    name_en: Name = _optional()
    registration_number: RegistrationNumber | None = _optional()
    founded_on: Day | None = _optional()
    dissolved_on: Day | None = _optional()

    def changes(self) -> dict[str, Any]:
        return self.model_dump(include=self.model_fields_set)


class _Dated(_Request):
    valid_from: Day
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise PydanticCustomError("period", "valid_until is before valid_from")
        return self


class NewMembership(_Dated):
    """Of an `office` in a provincial association, or of an `association` in the federation."""

    office: OfficeCode | None = None
    association: UUID | None = None

    @model_validator(mode="after")
    def _one_member(self) -> Self:
        if (self.office is None) == (self.association is None):
            raise PydanticCustomError("member", "send either office or association")
        return self


class NewRepresentative(_Dated):
    """With `seat` the person becomes that seat's member in the working group."""

    name: Name
    mobile: Mobile | None = None
    seat: Seat | None = None


class Ending(_Request):
    """`on` is the last day."""

    on: Day
    reason: Reason


class AssociationOut(_Answer):
    id: UUID
    level: Level
    name: str
    name_en: str
    province: str | None
    registration_number: str | None
    founded_on: date | None
    dissolved_on: date | None
    version: int
    created_at: datetime
    updated_at: datetime


class MembershipOut(_Answer):
    """`name` is the member's; `office` or `association` says who it is."""

    id: UUID
    association_id: UUID
    association_name: str
    office: str | None
    association: UUID | None
    name: str
    valid_from: date
    valid_until: date | None
    version: int
    created_at: datetime
    updated_at: datetime


class OfficeMembershipOut(_Answer):
    """`membership` is the one of the day; `history` has all, the latest first."""

    office: str
    on: date
    membership: MembershipOut | None
    history: list[MembershipOut]


class RepresentativeOut(_Answer):
    """Without the person: this answer may be stored for a replay."""

    id: UUID
    association_id: UUID
    seat: Seat | None
    member_id: UUID | None
    valid_from: date
    valid_until: date | None
    end_reason: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class RepresentativeFullOut(RepresentativeOut):
    """`name` is null once erased."""

    name: str | None
    mobile: str | None
