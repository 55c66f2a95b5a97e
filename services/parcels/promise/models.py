"""Target hours as dated data, and declared pauses."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
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
