"""Items and the people they concern, apart: PII is erasable without touching history.

No foreign keys between them: they would stand in the way of distribution by item id.
"""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Index, Integer, Sequence, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp

item_serial_block = Sequence("item_serial_block", metadata=Base.metadata)


class Parcel(Base):
    """An item: its contract, and the fold of its events (status, custody, order of the last)."""

    __tablename__ = "parcel"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    partner: Mapped[uuid.UUID]
    reference: Mapped[str | None] = mapped_column(Text)
    product: Mapped[int] = mapped_column(SmallInteger)
    channel: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[int] = mapped_column(SmallInteger)
    version: Mapped[int] = mapped_column(Integer)
    weight_g: Mapped[int | None] = mapped_column(Integer)
    origin_office: Mapped[int | None] = mapped_column(Integer)
    to_province: Mapped[str | None] = mapped_column(Text)
    to_town: Mapped[str | None] = mapped_column(Text)
    price_rials: Mapped[int] = mapped_column(BigInteger)
    tariff: Mapped[str | None] = mapped_column(Text)
    declared_value_rials: Mapped[int] = mapped_column(BigInteger)
    cod_rials: Mapped[int] = mapped_column(BigInteger)
    backfill: Mapped[bool] = mapped_column(Boolean)
    custodian: Mapped[int | None] = mapped_column(SmallInteger)
    custodian_id: Mapped[int | None] = mapped_column(BigInteger)
    booked_at: Mapped[datetime] = mapped_column(timestamp())
    accepted_at: Mapped[datetime | None] = mapped_column(timestamp())
    ended_at: Mapped[datetime | None] = mapped_column(timestamp())
    updated_at: Mapped[datetime] = mapped_column(timestamp())
    fold_at: Mapped[datetime | None] = mapped_column(timestamp())
    fold_event: Mapped[int | None] = mapped_column(SmallInteger)
    fold_event_id: Mapped[uuid.UUID | None]
    promised_at: Mapped[datetime | None] = mapped_column(timestamp())

    # updated_at has a BRIN index only: it keeps updates HOT, and rows are local in time
    __table_args__ = (
        Index("ix_parcel_partner", "partner", "item_id"),
        Index(
            "ix_parcel_reference",
            "partner",
            "reference",
            postgresql_where=text("reference IS NOT NULL"),
        ),
        Index("ix_parcel_updated_at", "updated_at", postgresql_using="brin"),
        Index("ix_parcel_booked_at", "booked_at", postgresql_using="brin"),
    )


class ParcelParty(Base):
    """Who sends and who receives (PII)."""

    __tablename__ = "parcel_party"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sender_name: Mapped[str] = mapped_column(Text)
    sender_phone: Mapped[str] = mapped_column(Text)
    sender_address: Mapped[str] = mapped_column(Text)
    sender_postal_code: Mapped[str | None] = mapped_column(Text)
    recipient_name: Mapped[str] = mapped_column(Text)
    recipient_phone: Mapped[str] = mapped_column(Text)
    recipient_address: Mapped[str] = mapped_column(Text)
    recipient_postal_code: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_parcel_party_sender_phone", "sender_phone", "item_id"),
        Index("ix_parcel_party_recipient_phone", "recipient_phone", "item_id"),
    )


class ParcelTerms(Base):
    """What an order asks for beyond the plain; a plain one has no row."""

    __tablename__ = "parcel_terms"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    advice_of_delivery: Mapped[bool] = mapped_column(Boolean)
    pickup: Mapped[bool] = mapped_column(Boolean)
    length_mm: Mapped[int | None] = mapped_column(Integer)
    width_mm: Mapped[int | None] = mapped_column(Integer)
    height_mm: Mapped[int | None] = mapped_column(Integer)
    quote: Mapped[uuid.UUID | None]
    payer: Mapped[int | None] = mapped_column(SmallInteger)
    drawn_rials: Mapped[int | None] = mapped_column(BigInteger)


class PartnerReference(Base):
    """A partner's own reference, unique among its live bookings; a cancelled one is given back."""

    __tablename__ = "partner_reference"

    partner: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigInteger)


class ItemAlias(Base):
    """Another post's 24-digit number for an item of ours."""

    __tablename__ = "item_alias"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigInteger)
