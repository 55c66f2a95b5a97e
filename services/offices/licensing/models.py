"""Tables of licences and of the decisions behind every step of an application or a licence.

The app's role may only add to `decision` and `decision_effect`; `decision_due` is the queue of
those that are yet to take effect.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import BIGINT, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.base import Base
from services.offices.licensing.domain import Authority, Effect, LicenceKind, LicenceStatus
from services.offices.meetings.domain import SubjectKind
from services.offices.registry.models import Office


class Licence(Base):
    """Valid from the first to the last day, both included; without a last day, open-ended."""

    __tablename__ = "licence"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    kind: Mapped[LicenceKind] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    status: Mapped[LicenceStatus] = mapped_column(Text)
    paper_reference: Mapped[str | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    office: Mapped[Office] = relationship(lazy="raise")
    holder: Mapped["LicenceHolder | None"] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "uq_licence_active",
            "office_id",
            "kind",
            unique=True,
            postgresql_where=text("status = 'active'"),
        ),
        Index("ix_licence_status", "status", "valid_until"),
    )


class LicenceHolder(Base):
    """The person or company behind a licence, apart so that it can be erased."""

    __tablename__ = "licence_holder"

    licence_id: Mapped[UUID] = mapped_column(ForeignKey("licence.id"), primary_key=True)
    name: Mapped[str]
    national_id: Mapped[str | None]
    legal_id: Mapped[str | None]
    phone: Mapped[str | None]


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

    effect: Mapped["DecisionEffect | None"] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("seq", name="uq_decision_seq"),
        Index("ix_decision_subject_id", "subject_id", "seq"),
        Index("uq_decision_item_id", "item_id", unique=True),
    )


class DecisionEffect(Base):
    """What became of a decision; `stopped_office`: it suspended the office, which was active."""

    __tablename__ = "decision_effect"

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    effect: Mapped[Effect] = mapped_column(Text)
    at: Mapped[datetime]
    stopped_office: Mapped[bool]
    reason: Mapped[str | None]


class DecisionDue(Base):
    __tablename__ = "decision_due"

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    licence_id: Mapped[UUID] = mapped_column(ForeignKey("licence.id"), index=True)
    effective_from: Mapped[datetime] = mapped_column(index=True)
