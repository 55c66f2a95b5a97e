"""What messages look like on the wire: never to whom, nor with which code."""

from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer

from services.parcels.messages.domain import Kind, Language
from shared.text import text

HourMinute = Annotated[time, PlainSerializer(lambda at: at.strftime("%H:%M"), return_type=str)]


class MessageOut(BaseModel):
    """`reason`: why it was dropped or failed."""

    kind: Kind
    status: Literal["queued", "sent", "failed", "dropped"]
    occurred_at: datetime
    due_at: datetime
    attempts: int
    settled_at: datetime | None
    reason: str | None


class MessagesOut(BaseModel):
    items: list[MessageOut]


class TemplateIn(BaseModel):
    """The words; places: {barcode}, {code}, {until}, {office}."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, text(1, 300)]


class TemplateOut(BaseModel):
    kind: Kind
    language: Language
    text: str
    version: int
    updated_at: datetime


class TemplatesOut(BaseModel):
    items: list[TemplateOut]


class QuietHoursIn(BaseModel):
    """In Tehran's time; may go over midnight; equal: at no time."""

    model_config = ConfigDict(extra="forbid")

    quiet_from: Annotated[str, text(5, 5)]
    quiet_until: Annotated[str, text(5, 5)]


class QuietHoursOut(BaseModel):
    quiet_from: HourMinute
    quiet_until: HourMinute
    version: int
    updated_at: datetime
