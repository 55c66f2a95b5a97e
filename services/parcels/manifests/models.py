"""What a shop hands over under one number."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class Manifest(Base):
    """Closed by the shop; accepted by an office, once."""

    __tablename__ = "manifest"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    partner: Mapped[uuid.UUID]
    office: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(Text)
    pieces: Mapped[int] = mapped_column(Integer)
    counted: Mapped[int | None] = mapped_column(Integer)
    closed_at: Mapped[datetime] = mapped_column(timestamp())
    accepted_at: Mapped[datetime | None] = mapped_column(timestamp())
    accepted_office: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (Index("ix_manifest_partner", "partner", "id"),)


class ManifestItem(Base):
    """An item on a manifest; on one that waits (`announced`) at a time, under the item's lock."""

    __tablename__ = "manifest_item"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    manifest: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_manifest_item_manifest", "manifest", "item_id"),)


class ManifestSurplus(Base):
    """A barcode that was handed over and is not on the manifest."""

    __tablename__ = "manifest_surplus"

    manifest: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("manifest.id"), primary_key=True, autoincrement=False
    )
    barcode: Mapped[str] = mapped_column(Text, primary_key=True)
