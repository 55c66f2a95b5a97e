"""Who handles complaints, whose a case is and was, and who watches it."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base
from services.complaints.cases.models import Case


class Officer(Base):
    """A staff account that handles the cases of an office, of a county, or of the province."""

    __tablename__ = "case_officer"

    account: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str]
    office: Mapped[str | None]
    county: Mapped[str | None]
    active: Mapped[bool]
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("level IN ('office', 'county', 'province')", name="level"),
        CheckConstraint(
            "(level = 'office') = (office IS NOT NULL)"
            " AND (level = 'county') = (county IS NOT NULL)",
            name="place",
        ),
        Index("ix_case_officer_office", "office", "account", postgresql_where=text("active")),
        Index("ix_case_officer_county", "county", "account", postgresql_where=text("active")),
    )


class Assignment(Base):
    """A case was given to an officer; `how`: by which level's rule, or by hand."""

    __tablename__ = "case_assignment"

    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Case.id), primary_key=True)
    nth: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    officer: Mapped[str]
    how: Mapped[str]
    reason: Mapped[str | None]
    account: Mapped[str | None]
    occurred_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("how IN ('office', 'county', 'province', 'by_hand')", name="how"),
    )


class Watcher(Base):
    __tablename__ = "case_watcher"

    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Case.id), primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]

    __table_args__ = (Index("ix_case_watcher_account", "account", "case_id"),)
