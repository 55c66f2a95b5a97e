"""Who is held to be liable for a case: proposals and decisions, which are only added to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base
from services.complaints.cases.models import Case


class Liability(Base):
    """`code` names who, of its `kind`; `office` answers for it inside the post, where one does."""

    __tablename__ = "case_liability"

    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Case.id), primary_key=True)
    nth: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    act: Mapped[str]
    kind: Mapped[str]
    code: Mapped[str | None]
    office: Mapped[str | None]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    reason: Mapped[str | None] = mapped_column(Text)
    account: Mapped[str | None]
    occurred_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("act IN ('proposed', 'confirmed', 'overruled')", name="act"),
        CheckConstraint("kind IN ('office', 'trip', 'courier', 'operator', 'nobody')", name="kind"),
    )
