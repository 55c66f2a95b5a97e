"""What each partner was told, numbered without gaps, and in which months it had bookings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from shared.tables import timestamp


class PartnerFeed(Base):
    """The last number given out, and the last that was trimmed. Its lock orders what is added."""

    __tablename__ = "partner_feed"
    __table_args__ = (CheckConstraint("floor BETWEEN 0 AND head", name="range"),)

    partner: Mapped[UUID] = mapped_column(primary_key=True)
    head: Mapped[int] = mapped_column(BigInteger)
    floor: Mapped[int] = mapped_column(BigInteger)


class PartnerEvent(Base):
    """One thing a partner is told. `id` begins with the time, so that its index stays local."""

    __tablename__ = "partner_event"
    __table_args__ = (
        UniqueConstraint("partner", "id"),
        Index("ix_partner_event_recorded_at", "recorded_at"),
    )

    partner: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[UUID]
    type: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    time: Mapped[str] = mapped_column(Text)
    data: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())


class PartnerActive(Base):
    """A partner had a booking in the Jalali month `month`, as 139705."""

    __tablename__ = "partner_active"

    month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    partner: Mapped[UUID] = mapped_column(primary_key=True)
