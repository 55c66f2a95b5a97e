"""Proofs of delivery, attempts, and tries of codes. What is personal can be erased, the rest stays.

No foreign keys: they would stand in the way of distribution by item id.
"""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class DeliveryProof(Base):
    """How one delivered event was proved; `id` grows with time."""

    __tablename__ = "delivery_proof"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID]
    partner: Mapped[uuid.UUID]
    method: Mapped[str] = mapped_column(Text)
    receiver: Mapped[str] = mapped_column(Text)
    national_card_seen: Mapped[bool] = mapped_column(Boolean)
    office: Mapped[int] = mapped_column(Integer)
    courier: Mapped[str | None] = mapped_column(Text)
    delivered_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_delivery_proof_partner", "partner", "id"),)


class DeliveryPerson(Base):
    """Who took it (PII)."""

    __tablename__ = "delivery_person"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)
    national_id: Mapped[str | None] = mapped_column(Text)


class DeliveryImage(Base):
    """A signature or a photo (PII)."""

    __tablename__ = "delivery_image"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    media_type: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class DeliveryCode(Base):
    """Of an item whose code was tried or given anew; others have serial 0 and no tries."""

    __tablename__ = "delivery_code"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    serial: Mapped[int] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(timestamp())


class DeliveryAttempt(Base):
    """An attempt without success; `notice` is the how-manieth left at the address, if one was."""

    __tablename__ = "delivery_attempt"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    partner: Mapped[uuid.UUID]
    reason: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    notice: Mapped[int | None] = mapped_column(Integer)
    office: Mapped[int] = mapped_column(Integer)
    courier: Mapped[str | None] = mapped_column(Text)
    attempted_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)
