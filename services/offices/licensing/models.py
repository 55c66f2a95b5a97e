"""Tables of licences; `decision_due` is the queue of decisions that are yet to take effect."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.base import Base
from services.offices.licensing.domain import LicenceKind, LicenceStatus
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

    site: Mapped[Office] = relationship(lazy="raise")
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

    @property
    def office(self) -> str:
        return self.site.code


class LicenceHolder(Base):
    """The person or company behind a licence, apart so that it can be erased."""

    __tablename__ = "licence_holder"

    licence_id: Mapped[UUID] = mapped_column(ForeignKey("licence.id"), primary_key=True)
    name: Mapped[str]
    national_id: Mapped[str | None]
    legal_id: Mapped[str | None]
    phone: Mapped[str | None]


class DecisionDue(Base):
    __tablename__ = "decision_due"

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    licence_id: Mapped[UUID] = mapped_column(ForeignKey("licence.id"), index=True)
    effective_from: Mapped[datetime] = mapped_column(index=True)
