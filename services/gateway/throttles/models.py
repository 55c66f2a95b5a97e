"""Counts of what may be tried only so often."""

from datetime import datetime

from sqlalchemy import Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from shared.tables import timestamp


class Throttle(Base):
    """`key` is an HMAC of a phone or an address, so that neither is kept here."""

    __tablename__ = "throttle"
    __table_args__ = (Index("ix_throttle_window_start", "window_start"),)

    what: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    window_s: Mapped[int] = mapped_column(Integer, primary_key=True)
    window_start: Mapped[datetime] = mapped_column(timestamp(), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
