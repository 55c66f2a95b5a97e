"""Requests to fetch parcels at a shop's door."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class Pickup(Base):
    """How many pieces, when, and who fetches them for which office."""

    __tablename__ = "pickup"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    partner: Mapped[uuid.UUID]
    office: Mapped[int] = mapped_column(Integer)
    manifest: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("manifest.id"))
    pieces: Mapped[int] = mapped_column(Integer)
    collected_pieces: Mapped[int | None] = mapped_column(Integer)
    weight_g: Mapped[int] = mapped_column(Integer)
    window_from: Mapped[datetime] = mapped_column(timestamp())
    window_until: Mapped[datetime] = mapped_column(timestamp())
    status: Mapped[str] = mapped_column(Text)
    courier: Mapped[str | None] = mapped_column(Text, ForeignKey("courier.code"))
    reason: Mapped[str | None] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(timestamp())
    collected_at: Mapped[datetime | None] = mapped_column(timestamp())
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (
        Index("ix_pickup_partner", "partner", "id"),
        Index("ix_pickup_office", "office", "id"),
    )


class PickupPlace(Base):
    """Whose door it is (personal data)."""

    __tablename__ = "pickup_place"

    pickup: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str | None] = mapped_column(Text)
