"""What is told of things by their noun, whole as they are after the change, a section a slice.

No names, no free text: those may be personal, and who may read them asks the API.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

# Licensing: the working group, applications, licences


class _State(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SeatState(_State):
    slug: str
    name: str
    name_en: str


class CompositionSeatState(_State):
    seat: str
    vote: bool
    chair: bool


class CompositionState(_State):
    id: UUID
    valid_from: date
    valid_until: date | None
    quorum: int
    majority: str
    seats: list[CompositionSeatState]
    version: int


class MemberState(_State):
    id: UUID
    seat: str
    valid_from: date
    valid_until: date | None
    version: int


class MeetingState(_State):
    id: UUID
    status: str
    scheduled_for: datetime
    composition_id: UUID | None
    version: int


class AttendanceState(_State):
    meeting_id: UUID
    seat: str
    member_id: UUID
    present: bool


class ItemState(_State):
    id: UUID
    meeting_id: UUID
    nth: int
    subject_kind: str
    subject_id: UUID
    matter: str
    outcome: str | None
    present: int | None
    votes_for: int | None
    votes_against: int | None
    abstentions: int | None


class BallotState(_State):
    item_id: UUID
    seat: str
    member_id: UUID
    choice: str


class StakeState(_State):
    member_id: UUID
    subject_kind: str
    subject_id: UUID


class MinutesState(_State):
    meeting_id: UUID
    sha256: str


class LicenceState(_State):
    id: UUID
    number: str
    office: str
    kind: str
    valid_from: date
    valid_until: date | None
    status: str
    version: int


class ApplicationState(_State):
    id: UUID
    kind: str
    state: str
    office: str | None
    town: str
    latitude: float
    longitude: float
    services: list[str]
    licence_id: UUID | None
    version: int


class InquiryState(_State):
    id: UUID
    application_id: UUID
    kind: str
    round: int
    due_at: datetime
    answer: str | None


class InquiryTermState(_State):
    kind: str
    valid_from: date
    days: int


class DecisionState(_State):
    id: UUID
    subject_kind: str
    subject_id: UUID
    transition: str
    before: str | None
    after: str
    authority: str
    item_id: UUID | None
    decided_at: datetime
    effective_from: datetime


# Contracts, without whom they are with: that is personal.


class CommissionTermState(_State):
    """A share of the price in basis points, or rials an item; `product` is `all` or one."""

    product: str
    valid_from: date
    valid_until: date | None
    basis_points: int | None
    rials_per_item: int | None


class ContractState(_State):
    id: UUID
    number: str
    office: str
    valid_from: date
    valid_until: date
    terminated_on: date | None
    products: list[str] | None
    weight_max_g: int | None
    commission: list[CommissionTermState]
    status: str
    renews: UUID | None
    version: int


# Associations: no names of people


class AssociationState(_State):
    """The federation (`level`) or a provincial association."""

    id: UUID
    level: str
    name: str
    name_en: str
    province: str | None
    registration_number: str | None
    founded_on: date | None
    dissolved_on: date | None
    version: int


class MembershipState(_State):
    """Of an `office` (its code) or an `association` in the association `association_id`."""

    id: UUID
    association_id: UUID
    office: str | None
    association: UUID | None
    valid_from: date
    valid_until: date | None
    version: int


class RepresentativeState(_State):
    """Of an association; `member_id` is the seat's member in the working group."""

    id: UUID
    association_id: UUID
    seat: str | None
    member_id: UUID | None
    valid_from: date
    valid_until: date | None
    version: int


# Workforce and training: people by their numbers, no names

PersonEventType = Literal[
    "person.hired", "person.assigned", "person.changed", "person.left", "person.erased"
]


class AssignmentState(_State):
    id: int
    employment: str
    role: str
    office: str
    main: bool
    valid_from: date
    valid_until: date | None
    voided_at: datetime | None


class PersonState(_State):
    """With all assignments, ended and void ones too."""

    personnel_number: str
    version: int
    assignments: list[AssignmentState]


class CourseState(_State):
    code: str
    name: str
    name_en: str
    validity_months: int | None
    version: int


class CertificateState(_State):
    id: UUID
    personnel_number: str
    course: str
    number: str
    issued_on: date
    expires_on: date | None
    withdrawn_at: datetime | None


STATES: Final[Mapping[str, type[_State]]] = {
    "seat": SeatState,
    "composition": CompositionState,
    "member": MemberState,
    "meeting": MeetingState,
    "attendance": AttendanceState,
    "item": ItemState,
    "vote": BallotState,
    "stake": StakeState,
    "minutes": MinutesState,
    "licence": LicenceState,
    "application": ApplicationState,
    "inquiry": InquiryState,
    "inquiry_term": InquiryTermState,
    "decision": DecisionState,
    "contract": ContractState,
    "association": AssociationState,
    "membership": MembershipState,
    "representative": RepresentativeState,
    "person": PersonState,
    "course": CourseState,
    "certificate": CertificateState,
}


def states(**told: Any) -> dict[str, Any]:
    """The payload that tells each of these, by its noun, whole as it is now."""
    return {
        noun: STATES[noun].model_validate(thing).model_dump(mode="json")
        for noun, thing in told.items()
    }
