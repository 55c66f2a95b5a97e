"""What goes over the wire when a case is filed."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.schemas import About, Moment, Words
from services.complaints.vocabulary import Category, Channel, Remedy, Stage
from shared.fields import Phone
from shared.text import text


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ComplainantRequest(_Request):
    name: Annotated[str, text(1, 200)]
    phone: Phone


class CalledRequest(_Request):
    """A case filed during a call: the caller's number is the call's, unless another is told."""

    about: About
    category: Category
    text: Words
    name: Annotated[str, text(1, 200)]
    phone: Phone | None = None
    remedy: Remedy | None = None


class CaseRequest(_Request):
    about: About
    category: Category
    text: Words
    complainant: ComplainantRequest
    remedy: Remedy | None = None
    channel: Annotated[
        Channel | None,
        Field(description="phone and counter: by staff; else it follows from who files."),
    ] = None
    occurred_at: Moment = None


class FiledBody(BaseModel):
    """The acknowledgment.

    `secret` is shown here and nowhere else: who has it and the number may follow the case.
    `joined`: another case about the same parcel was open, and this became a part of it.
    """

    number: str
    secret: str
    status: Stage
    filed_at: datetime
    snapshot_pending: bool
    joined: bool
