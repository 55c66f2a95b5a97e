"""Targets as dated data: a version never changes; one that has not begun may be withdrawn."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base


class SlaVersion(Base):
    """In force from a day on, until the next; of two of a day the later record holds.

    `terms`: as `targets.schemas.Terms` writes them.
    """

    __tablename__ = "sla_version"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str]
    valid_from: Mapped[date]
    source: Mapped[str]
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]

    __table_args__ = (
        Index("ix_sla_version_code", "code", unique=True),
        Index("ix_sla_version_valid_from", "valid_from", "id"),
    )
