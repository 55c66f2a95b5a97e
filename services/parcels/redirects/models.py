"""What owner or recipient asked to be done with an item under way."""

import uuid
from datetime import date, datetime

from sqlalchemy import UUID, BigInteger, Date, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class Instruction(Base):
    """`from_…`, `to_…`: the destination before and after; the prices likewise."""

    __tablename__ = "instruction"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(timestamp())
    hold_until: Mapped[date | None] = mapped_column(Date)
    from_province: Mapped[str | None] = mapped_column(Text)
    from_town: Mapped[str | None] = mapped_column(Text)
    to_province: Mapped[str | None] = mapped_column(Text)
    to_town: Mapped[str | None] = mapped_column(Text)
    price_before_rials: Mapped[int] = mapped_column(BigInteger)
    price_rials: Mapped[int] = mapped_column(BigInteger)
    settled_at: Mapped[datetime | None] = mapped_column(timestamp())

    __table_args__ = (Index("ix_instruction_open", "id", postgresql_where=text("status = 'open'")),)


class InstructionParty(Base):
    """Who was to receive the item before (PII)."""

    __tablename__ = "instruction_party"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str | None] = mapped_column(Text)
