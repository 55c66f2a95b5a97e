"""Scan events, and what could not be matched. Nothing here is ever deleted.

The events' only index is their primary key, led by the item id.
"""

import uuid
from datetime import datetime

from sqlalchemy import (
    JSON,
    UUID,
    BigInteger,
    Boolean,
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


class ScanEvent(Base):
    """`flagged`: does not count, being too old and not accepted, or declared wrong."""

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


class UnmatchedScan(Base):
    """A scan of a malformed barcode, or of one of ours not booked yet: that one has an item id."""

    __tablename__ = "unmatched_scan"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    barcode: Mapped[str] = mapped_column(Text)
    event_id: Mapped[uuid.UUID] = mapped_column(UUID)
    reason: Mapped[str] = mapped_column(Text)
    scan: Mapped[str] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    item_id: Mapped[int | None] = mapped_column(BigInteger)
    matched_at: Mapped[datetime | None] = mapped_column(timestamp())

    __table_args__ = (
        Index("ix_unmatched_scan_barcode", "barcode", "event_id", unique=True),
        Index(
            "ix_unmatched_scan_waiting",
            "recorded_at",
            postgresql_where=text("matched_at IS NULL AND item_id IS NOT NULL"),
        ),
    )
