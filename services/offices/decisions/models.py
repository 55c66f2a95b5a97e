"""Tables of decisions: every step of an application or a licence. They are only added to."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import BIGINT, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.base import Base
from services.offices.decisions.domain import Authority, Effect
from services.offices.meetings.domain import SubjectKind


class Decision(Base):
    """One step of a subject: what, on whose authority, with which paper or vote, and from when."""

    __tablename__ = "decision"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BIGINT, Identity(always=True))
    subject_kind: Mapped[SubjectKind] = mapped_column(Text)
    subject_id: Mapped[UUID]
    transition: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str]
    authority: Mapped[Authority] = mapped_column(Text)
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("agenda_item.id"))
    reference: Mapped[str | None]
    text: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    effective_from: Mapped[datetime]

    outcome: Mapped["DecisionEffect | None"] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("seq", name="uq_decision_seq"),
        Index("ix_decision_subject_id", "subject_id", "seq"),
        Index("uq_decision_item_id", "item_id", unique=True),
    )

    @property
    def effect(self) -> Effect | Literal["pending"]:
        return "pending" if self.outcome is None else self.outcome.effect

    @property
    def effect_at(self) -> datetime | None:
        return None if self.outcome is None else self.outcome.at

    @property
    def effect_reason(self) -> str | None:
        return None if self.outcome is None else self.outcome.reason


class DecisionEffect(Base):
    """What became of a decision; `stopped_office`: it suspended the office, which was active."""

    __tablename__ = "decision_effect"

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    effect: Mapped[Effect] = mapped_column(Text)
    at: Mapped[datetime]
    stopped_office: Mapped[bool]
    reason: Mapped[str | None]
