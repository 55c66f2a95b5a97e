"""Scan events, what did not fit, and what could not be matched. Nothing here is ever deleted.

The events' only index is their primary key, led by the item id (DESIGN §7).
"""

import uuid
from datetime import datetime

from sqlalchemy import JSON, UUID, BigInteger, Boolean, Identity, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class ScanEvent(Base):
    __tablename__ = "scan_event"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    event: Mapped[int] = mapped_column(SmallInteger)
    flagged: Mapped[bool] = mapped_column(Boolean)
    office: Mapped[int | None] = mapped_column(Integer)
    occurred_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    actor: Mapped[uuid.UUID | None] = mapped_column(UUID)
    reason: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str | None] = mapped_column(Text)
    device: Mapped[str | None] = mapped_column(Text)


class Discrepancy(Base):
    __tablename__ = "discrepancy"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())


class UnmatchedScan(Base):
    """A scan of a malformed barcode, or of one of ours that was never booked."""

    __tablename__ = "unmatched_scan"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    barcode: Mapped[str] = mapped_column(Text)
    event_id: Mapped[uuid.UUID] = mapped_column(UUID)
    reason: Mapped[str] = mapped_column(Text)
    scan: Mapped[str] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (Index("ix_unmatched_scan_barcode", "barcode", "event_id", unique=True),)
