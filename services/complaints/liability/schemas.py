"""What assessment and liability look like on the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.complaints.cases.schemas import Moment, Words
from services.complaints.liability.domain import Holder, Reasoning
from services.complaints.vocabulary import Category, Severity, Stage
from shared.fields import OfficeCode
from shared.text import text


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AssessRequest(_Request):
    """`category`: where it is another than the complainant thought; `text`: an internal note."""

    severity: Severity
    category: Category | None = None
    text: Words | None = None
    occurred_at: Moment = None


class ConfirmRequest(_Request):
    """The newest proposal holds."""

    decision: Literal["confirm"]


class OverruleRequest(_Request):
    """`office` answers for it inside the post; of kind `office` it is who is liable."""

    decision: Literal["overrule"]
    kind: Holder
    code: Annotated[str, text(1, 80)] | None = None
    office: OfficeCode | None = None
    reason: Annotated[str, text(3, 1000)]

    @model_validator(mode="after")
    def _an_office_is_named(self) -> Self:
        if self.kind == "office" and self.office is None:
            raise ValueError("`office` names the office that is liable")
        return self


Decision = Annotated[ConfirmRequest | OverruleRequest, Field(discriminator="decision")]


class _Response(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ReasonBody(_Response):
    """A fact of the chain of custody; `text` says it in Persian."""

    code: Reasoning
    text: str
    event_id: str | None
    at: datetime | None
    hours: int | None
    times: int | None


class EntryBody(_Response):
    act: Literal["proposed", "confirmed", "overruled"]
    kind: Holder
    code: str | None
    office: str | None
    reasons: list[ReasonBody]
    reason: str | None
    account: str | None
    occurred_at: datetime


class LiabilityBody(_Response):
    """`decided`: an officer has said who is liable. Proposals and decisions, the first first.

    `custody_asked`: False where parcels could not be asked; propose again once it is back.
    """

    number: str
    status: Stage
    severity: Severity
    category: Category
    decided: bool
    liable_kind: Holder | None
    liable_code: str | None
    liable_office: str | None
    custody_asked: bool
    entries: list[EntryBody]
