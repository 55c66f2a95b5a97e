"""Events that offices publishes: `office.created`, `.changed`, `.suspended`, `.reopened`."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.calendar import Hours

OfficeEventType = Literal["office.created", "office.changed", "office.suspended", "office.reopened"]


class OfficeState(BaseModel):
    """What a sister may keep of an office; `id` is the integer within its code."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    id: int
    name: str
    kind: str
    town: str
    town_name: str
    county: str
    province: str
    latitude: float
    longitude: float
    hours: Hours
    status: str
    sorting_centre: str | None
    version: int


class OfficeEvent(BaseModel):
    """The whole state after the event, so that a consumer needs the newest version only."""

    office: OfficeState


def office_event(office: Any) -> dict[str, Any]:
    """The payload that tells an office (anything with its attributes) as it is now."""
    return OfficeEvent(office=OfficeState.model_validate(office)).model_dump(mode="json")


# associations: no names of people


class AssociationState(BaseModel):
    """The federation (`level`) or a provincial association."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    level: str
    name: str
    name_en: str
    province: str | None
    registration_number: str | None
    founded_on: date | None
    dissolved_on: date | None
    version: int


class MembershipState(BaseModel):
    """Of an `office` (its code) or an `association` in the association `association_id`."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    association_id: UUID
    office: str | None
    association: UUID | None
    valid_from: date
    valid_until: date | None
    version: int


class RepresentativeState(BaseModel):
    """Of an association; `member_id` is the seat's member in the working group."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    association_id: UUID
    seat: str | None
    member_id: UUID | None
    valid_from: date
    valid_until: date | None
    version: int


def association_event(association: Any) -> dict[str, Any]:
    return {"association": AssociationState.model_validate(association).model_dump(mode="json")}


def membership_event(membership: Any) -> dict[str, Any]:
    return {"membership": MembershipState.model_validate(membership).model_dump(mode="json")}


def representative_event(representative: Any) -> dict[str, Any]:
    state = RepresentativeState.model_validate(representative)
    return {"representative": state.model_dump(mode="json")}


# workforce and training: people by their numbers, no names

PersonEventType = Literal[
    "person.hired", "person.assigned", "person.changed", "person.left", "person.erased"
]


class AssignmentState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    employment: str
    role: str
    office: str
    main: bool
    valid_from: date
    valid_until: date | None
    voided_at: datetime | None


class PersonState(BaseModel):
    personnel_number: str
    version: int
    assignments: list[AssignmentState]


class CourseState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str
    name_en: str
    validity_months: int | None
    version: int


class CertificateState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    personnel_number: str
    course: str
    number: str
    issued_on: date
    expires_on: date | None
    withdrawn_at: datetime | None


def person_event(number: str, version: int, assignments: Iterable[Any]) -> dict[str, Any]:
    """A person as it is now, with all assignments, ended and void ones too."""
    states = [AssignmentState.model_validate(assignment) for assignment in assignments]
    state = PersonState(personnel_number=number, version=version, assignments=states)
    return {"person": state.model_dump(mode="json")}


def course_event(course: Any) -> dict[str, Any]:
    return {"course": CourseState.model_validate(course).model_dump(mode="json")}


def certificate_event(certificate: Any, **more: int) -> dict[str, Any]:
    """`more`: how many days ahead its expiry is told."""
    state = CertificateState.model_validate(certificate)
    return {"certificate": state.model_dump(mode="json"), **more}
