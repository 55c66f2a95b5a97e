"""What goes over the wire about licences and decisions."""

from datetime import date, datetime
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.offices.decisions.schemas import DecisionOut, Reasons, Shown
from services.offices.licensing.domain import LicenceKind, LicenceStatus
from services.offices.meetings.schemas import Moment
from services.offices.working_group.schemas import Paper
from shared.fields import Day, LegalId, NationalId, OfficeCode, Phone
from shared.text import text

LicenceNumber = Annotated[
    str, text(1, 60), Field(pattern=r"^[^\s]+( [^\s]+)*$", examples=["72-11-1398-0042"])
]
IMPORT_MAX: Final = 1000


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Person(_Request):
    """A person by national id, or a company by legal id."""

    name: Annotated[str, text(2, 200)]
    national_id: NationalId | None = None
    legal_id: LegalId | None = None

    @model_validator(mode="after")
    def _one_id(self) -> Self:
        if (self.national_id is None) == (self.legal_id is None):
            raise PydanticCustomError("one_id", "Send national_id for a person, legal_id else")
        return self


class Holder(Person):
    phone: Phone | None = None


class VerdictRequest(Shown):
    """`uphold`: the decision appealed against stands; `overturn`: it falls.

    `effective_from`: at once, or an instant to come.
    """

    transition: Literal["warn", "suspend", "reinstate", "revoke", "uphold", "overturn"]
    effective_from: Moment | None = None


class RenewalRequest(Shown):
    transition: Literal["renew"]
    valid_until: Day | None
    effective_from: Moment | None = None


class RescissionRequest(Shown):
    """Takes back a decision that has not taken effect yet."""

    transition: Literal["rescind"]
    decision: UUID


DecisionRequest = Annotated[
    VerdictRequest | RenewalRequest | RescissionRequest, Field(discriminator="transition")
]


class SummonsRequest(_Request):
    transition: Literal["summon"]
    text: Reasons
    hearing_on: Day


class RecordRequest(_Request):
    """An inspection, the holder's defence, the holder's appeal."""

    transition: Literal["inspect", "defend", "appeal"]
    text: Reasons
    reference: Paper | None = None


LicenceRecord = Annotated[SummonsRequest | RecordRequest, Field(discriminator="transition")]


class AgendaRequest(_Request):
    meeting: UUID
    matter: Literal["warn", "suspend", "reinstate", "revoke", "uphold", "overturn", "rescind"]


class ImportRow(_Request):
    """A licence given on paper; its last day tells whether it is active or expired today."""

    number: LicenceNumber
    office: OfficeCode
    kind: LicenceKind
    valid_from: Day
    valid_until: Day | None = None
    paper_reference: Paper
    holder: Holder | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise PydanticCustomError("period", "valid_until is not before valid_from")
        return self


class ImportRequest(_Request):
    licences: Annotated[list[ImportRow], Field(min_length=1, max_length=IMPORT_MAX)]


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class HolderOut(_Answer):
    name: str
    national_id: str | None
    legal_id: str | None
    phone: str | None


class LicenceOut(_Answer):
    """`holder` is null where none was recorded or the person is erased."""

    id: UUID
    number: str
    office: str
    kind: LicenceKind
    valid_from: date
    valid_until: date | None
    status: LicenceStatus
    paper_reference: str | None
    holder: HolderOut | None
    version: int
    created_at: datetime
    updated_at: datetime


class LicenceView(LicenceOut):
    """A licence with what is decided and yet to take effect."""

    pending: list[DecisionOut]


class DecidedOut(_Answer):
    decision: DecisionOut
    licence: LicenceOut


class ImportResult(_Answer):
    number: str
    result: Literal["imported", "duplicate", "refused"]
    licence_id: UUID | None
    problem: str | None


class ImportOut(_Answer):
    imported: int
    results: list[ImportResult]
