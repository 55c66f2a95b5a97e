"""Versions of the rules of compensation; a version is never changed, a later one follows."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base


class CompensationRules(Base):
    """`terms` as `domain.Terms` reads them; in force from a day until the next version's."""

    __tablename__ = "compensation_rules"

    code: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(unique=True)
    source: Mapped[str]
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_by: Mapped[str]
    published_at: Mapped[datetime]
