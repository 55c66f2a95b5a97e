"""Target hours as dated data, declared pauses, the items under way, and breaches.

`promise_due` and `promise_breach` go with their items: no foreign keys (DESIGN §7).
"""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class PromiseVersion(Base):
    """Target hours from a day on; append-only: of two of a day, the one recorded last holds."""

    __tablename__ = "promise_version"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index("ix_promise_version_code", "code", unique=True),
        Index("ix_promise_version_valid_from", "valid_from", "id"),
    )


class PromiseTarget(Base):
    __tablename__ = "promise_target"

    version: Mapped[int] = mapped_column(ForeignKey(PromiseVersion.id), primary_key=True)
    product: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    distance: Mapped[str] = mapped_column(Text, primary_key=True)
    target_hours: Mapped[int] = mapped_column(Integer)
    clock: Mapped[str] = mapped_column(Text)
    cutoff_minute: Mapped[int | None] = mapped_column(Integer)


class PromisePause(Base):
    """Force majeure declared for an area; ended where it began, it never was."""

    __tablename__ = "promise_pause"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    province: Mapped[str] = mapped_column(Text)
    town: Mapped[str | None] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(timestamp())
    ends_at: Mapped[datetime | None] = mapped_column(timestamp())
    reason: Mapped[str] = mapped_column(Text)
    declared_by: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime] = mapped_column(timestamp())
    changed_at: Mapped[datetime] = mapped_column(timestamp())


class PromiseSweep(Base):
    """A change of the calendar on its way through the items: those after `at_item` are to come."""

    __tablename__ = "promise_sweep"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    since: Mapped[datetime] = mapped_column(timestamp())
    office: Mapped[str | None] = mapped_column(Text)
    at_item: Mapped[int] = mapped_column(BigInteger)


class PromiseDue(Base):
    """An accepted item that has not ended.

    `pausing`: some of its events may pause it, so that its history is looked at each time.
    """

    __tablename__ = "promise_due"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    office: Mapped[int] = mapped_column(Integer)
    promised_at: Mapped[datetime] = mapped_column(timestamp())
    pausing: Mapped[bool] = mapped_column(Boolean)
    paused: Mapped[bool] = mapped_column(Boolean)
    breached: Mapped[bool] = mapped_column(Boolean)
    risk_told: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        Index(
            "ix_promise_due_promised_at",
            "promised_at",
            postgresql_where=text("NOT paused AND NOT breached"),
        ),
    )


class PromiseBreach(Base):
    """A promise that was not kept; withdrawn where what is known later says otherwise."""

    __tablename__ = "promise_breach"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    promised_at: Mapped[datetime] = mapped_column(timestamp(), primary_key=True)
    partner: Mapped[uuid.UUID]
    found_at: Mapped[datetime] = mapped_column(timestamp())
    withdrawn_at: Mapped[datetime | None] = mapped_column(timestamp())

    __table_args__ = (Index("ix_promise_breach_partner", "partner", "item_id", "promised_at"),)
