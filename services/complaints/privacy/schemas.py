"""What a complainant's own data looks like on the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.complaints.attachments.schemas import AttachmentBody
from services.complaints.vocabulary import Category, Channel, Stage
from shared.fields import Phone


class PersonRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phone: Phone


class WordsBody(BaseModel):
    text: str | None
    occurred_at: datetime


class AnswerBody(BaseModel):
    """What was answered when the case was closed."""

    score: int
    words: str | None
    answered_at: datetime


class PartBody(BaseModel):
    """One's part in a case: as who filed it (party 0), or as one who was joined to it."""

    number: str
    party: int
    name: str | None
    phone: str | None
    category: Category
    channel: Channel
    status: Stage
    filed_at: datetime
    messages: list[WordsBody]
    attachments: list[AttachmentBody]
    calls: list[datetime]
    answers: list[AnswerBody]
    erased_at: datetime | None


class PersonalDataBody(BaseModel):
    parts: list[PartBody]


class ErasedBody(BaseModel):
    """The cases whose complainant is forgotten, by number; they and their clocks remain."""

    numbers: list[str]
    attachments: int
    calls: int
