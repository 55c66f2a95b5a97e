"""What goes over the wire about applications and inquiries."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.offices.applications.domain import Answer, InquiryKind, State
from services.offices.catalogue.schemas import ServiceCode
from services.offices.decisions.schemas import DecisionOut, Reasons, Shown
from services.offices.licensing.domain import AppliedKind
from services.offices.licensing.schemas import HolderOut, LicenceNumber, LicenceOut, Person
from services.offices.registry.domain import Kind
from services.offices.registry.schemas import NewOffice
from services.offices.working_group.schemas import Paper
from shared.fields import Day, OfficeCode, Phone
from shared.text import text

SERVICES_MAX: Final = 500
Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="Of the application that this was decided on.")
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ApplicantRequest(Person):
    phone: Phone


class ApplicationRequest(_Request):
    """For an office that exists (`office`) or one to be founded with the licence (`new_office`)."""

    kind: Kind
    office: OfficeCode | None = None
    new_office: NewOffice | None = None
    services: Annotated[list[ServiceCode], Field(max_length=SERVICES_MAX)] = []
    applicant: ApplicantRequest

    @model_validator(mode="after")
    def _one_office(self) -> Self:
        if (self.office is None) == (self.new_office is None):
            raise PydanticCustomError("one_office", "Send either office or new_office")
        if self.new_office is not None and self.new_office.kind != self.kind:
            raise PydanticCustomError("one_kind", "Send new_office with the application's kind")
        return self


class StepRequest(_Request):
    """What a clerk finds or the applicant asks."""

    version: Version
    transition: Literal["complete", "return", "resubmit", "clear", "withdraw"]
    text: Reasons
    reference: Paper | None = None


class VisitRequest(_Request):
    version: Version
    transition: Literal["visit"]
    text: Reasons
    visited_on: Day
    favourable: bool


ClerksStep = Annotated[StepRequest | VisitRequest, Field(discriminator="transition")]


class VerdictRequest(Shown):
    """`refuse` may rest on an item on agreement that was rejected."""

    version: Version
    transition: Literal["agree", "refuse"]


class IssueRequest(Shown):
    """The regulator's licence, by the reference of its letter."""

    version: Version
    transition: Literal["issue"]
    number: LicenceNumber
    valid_from: Day
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise PydanticCustomError("period", "valid_until is not before valid_from")
        return self


ApplicationDecision = Annotated[VerdictRequest | IssueRequest, Field(discriminator="transition")]


class ApplicationAgenda(_Request):
    meeting: UUID
    matter: Literal["agree", "refuse"]


class AnswerRequest(_Request):
    answer: Answer
    reference: Paper


class AskAgainRequest(_Request):
    kind: InquiryKind


class TermRequest(_Request):
    valid_from: Day
    days: Annotated[int, Field(ge=1, le=365)]
    source: Annotated[str, text(3, 300)]


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class InquiryOut(_Out):
    id: UUID
    application_id: UUID
    kind: InquiryKind
    round: int
    asked_at: datetime
    due_at: datetime
    answer: Answer | None
    reference: str | None
    answered_at: datetime | None


class ApplicationOut(_Out):
    """`proposal` is the office to be founded; `applicant` is null once erased."""

    id: UUID
    kind: AppliedKind
    state: State
    office: str | None
    proposal: dict[str, Any] | None
    county: str
    town: str
    latitude: float
    longitude: float
    services: list[str]
    applicant: HolderOut | None
    inquiries: list[InquiryOut]
    licence_id: UUID | None
    version: int
    filed_at: datetime
    updated_at: datetime


class ApplicationDecided(_Out):
    """`licence` is the one that was issued, else null."""

    decision: DecisionOut
    application: ApplicationOut
    licence: LicenceOut | None


class TermOut(_Out):
    kind: InquiryKind
    valid_from: date
    days: int
    source: str


class TermsOut(_Out):
    items: list[TermOut]
