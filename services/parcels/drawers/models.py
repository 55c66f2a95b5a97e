"""Cash counted: by an office from a courier, and in the office's drawer at the end of a day."""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class HandIn(Base):
    """An office's numbered receipt for what a courier gave it."""

    __tablename__ = "hand_in"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    office: Mapped[int] = mapped_column(Integer)
    receipt: Mapped[str] = mapped_column(Text)
    collector: Mapped[str] = mapped_column(Text)
    items: Mapped[int] = mapped_column(Integer)
    expected_rials: Mapped[int] = mapped_column(BigInteger)
    counted_rials: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text)
    received_by: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (Index("ix_hand_in_office", "office", "receipt", unique=True),)


class DrawerClose(Base):
    """The end of an office's day: what was counted went to the bank, the takings are due."""

    __tablename__ = "drawer_close"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    office: Mapped[int] = mapped_column(Integer)
    day: Mapped[date]
    items: Mapped[int] = mapped_column(Integer)
    expected_rials: Mapped[int] = mapped_column(BigInteger)
    counted_rials: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text)
    closed_by: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (Index("ix_drawer_close_office", "office", "day", unique=True),)
