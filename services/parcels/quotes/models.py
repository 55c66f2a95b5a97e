"""Prices held for a time."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from services.parcels.tariff.models import TariffVersion
from shared.tables import timestamp


class Quote(Base):
    """What was asked and what it costs its holder until `held_until`; never changed."""

    __tablename__ = "quote"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    partner: Mapped[uuid.UUID]
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    distance: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(ForeignKey(TariffVersion.code))
    priced_on: Mapped[date] = mapped_column(Date)
    price_rials: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    held_from: Mapped[datetime] = mapped_column(timestamp())
    held_until: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (Index("ix_quote_held_until", "held_until"),)
