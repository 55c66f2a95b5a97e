"""Tariff versions and their rates; a published version never changes."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class TariffVersion(Base):
    __tablename__ = "tariff_version"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(timestamp())
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_tariff_version_valid_from", "valid_from", unique=True),)


class TariffRate(Base):
    __tablename__ = "tariff_rate"

    version: Mapped[str] = mapped_column(ForeignKey("tariff_version.code"), primary_key=True)
    product: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    distance: Mapped[str] = mapped_column(Text, primary_key=True)
    max_weight_g: Mapped[int] = mapped_column(Integer, primary_key=True)
    price_rials: Mapped[int] = mapped_column(BigInteger)
    per_kg_rials: Mapped[int | None] = mapped_column(BigInteger)
