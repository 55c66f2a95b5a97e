"""What training says and hears over the wire."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.offices.workforce.schemas import PersonnelNumber
from shared.fields import Day
from shared.text import text

CourseCode = Annotated[
    str, Field(max_length=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", examples=["counter-safety"])
]
Name = Annotated[str, text(2, 200)]
Months = Annotated[int, Field(ge=1, le=1200)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class NewCourse(_Request):
    """`validity_months` null: its certificates are good for life."""

    code: CourseCode
    name: Name
    name_en: Name
    validity_months: Months | None = None


def _without_defaults(schema: dict[str, Any]) -> None:
    for one in schema["properties"].values():
        one.pop("default", None)


def _optional() -> Any:
    """May be left out, and then has no value; null is refused where the type says so."""
    return Field(default=None)


class CourseChange(_Request):
    """The fields to change; certificates that were issued keep their end."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    name: Name = _optional()
    name_en: Name = _optional()
    validity_months: Months | None = _optional()

    def changes(self) -> dict[str, Any]:
        return self.model_dump(include=self.model_fields_set)


class NewCertificate(_Request):
    """Without `expires_on` the course's validity says when it ends."""

    personnel_number: PersonnelNumber
    course: CourseCode
    number: Annotated[str, text(1, 60)]
    issued_on: Day
    expires_on: Day | None = None


class Withdrawal(_Request):
    reason: Annotated[str, text(3, 500)]


class CourseOut(_Answer):
    code: str
    name: str
    name_en: str
    validity_months: int | None
    version: int
    created_at: datetime
    updated_at: datetime


class CertificateOut(_Answer):
    id: UUID
    personnel_number: str
    course: str
    number: str
    issued_on: date
    expires_on: date | None
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    created_at: datetime
