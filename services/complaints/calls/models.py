"""Calls to the contact centre; the caller's number is kept apart (PII)."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base
from services.complaints.cases.models import Case


class Call(Base):
    """`operator`: the staff account that took it. One that goes on has no outcome yet."""

    __tablename__ = "contact_call"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operator: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None]
    recorded_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(
            "(ended_at IS NULL) = (outcome IS NULL) AND ended_at >= started_at", name="ended"
        ),
        Index("ix_contact_call_operator", "operator", "id"),
    )


class CallPerson(Base):
    __tablename__ = "call_person"

    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Call.id), primary_key=True)
    phone: Mapped[str]

    __table_args__ = (Index("ix_call_person_phone", "phone", "call_id"),)


class CallCase(Base):
    """A case that was made, or joined, during a call."""

    __tablename__ = "call_case"

    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Call.id), primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Case.id), primary_key=True)

    __table_args__ = (Index("ix_call_case_case_id", "case_id"),)
