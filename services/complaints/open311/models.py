"""Tables of Open311: which cases came that way, and what only that way tells."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Double, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import BIGINT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.complaints.base import Base
from services.complaints.cases.models import Case


class ServiceRequest(Base):
    """A case that was filed through Open311, and may be followed there by anyone."""

    __tablename__ = "open311_request"

    case_id: Mapped[int] = mapped_column(BIGINT, ForeignKey(Case.id), primary_key=True)
    token: Mapped[UUID] = mapped_column(Uuid)
    requested_at: Mapped[datetime]

    case: Mapped[Case] = relationship(lazy="raise", viewonly=True)
    contact: Mapped["Contact | None"] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("token"),
        Index("ix_open311_request_requested_at", "requested_at", "case_id"),
    )


class Contact(Base):
    """What was told and from where; personal, so apart and erasable, and for staff only."""

    __tablename__ = "open311_contact"

    case_id: Mapped[int] = mapped_column(
        BIGINT, ForeignKey(ServiceRequest.case_id), primary_key=True
    )
    description: Mapped[str]
    email: Mapped[str | None]
    address: Mapped[str | None]
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    media_url: Mapped[str | None]
