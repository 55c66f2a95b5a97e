"""What goes over the wire about decisions."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.offices.decisions.domain import Authority
from services.offices.meetings.domain import SubjectKind
from services.offices.working_group.schemas import Paper
from shared.text import text

Reasons = Annotated[str, text(3, 4000)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Shown(_Request):
    """What a decision rests on: the working group's item or the regulator's letter."""

    text: Reasons
    item: UUID | None = None
    reference: Paper | None = None


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class DecisionOut(_Answer):
    """`effect`: pending until `effective_from`; then applied, or lapsed where it fits no more."""

    id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    transition: str
    before: str | None
    after: str
    authority: Authority
    item_id: UUID | None
    reference: str | None
    text: str
    details: dict[str, Any]
    decided_by: str
    decided_at: datetime
    effective_from: datetime
    effect: Literal["pending", "applied", "lapsed", "rescinded"]
    effect_at: datetime | None
    effect_reason: str | None
