"""Tariff versions, their rates and surcharges; triggers keep a published one as it is."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.parcels.base import Base
from shared.tables import timestamp


class TariffVersion(Base):
    """A draft until `published_at`; from `valid_from` on in force, until the next published."""

    __tablename__ = "tariff_version"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(timestamp())
    source: Mapped[str] = mapped_column(Text)
    adds_vat: Mapped[bool] = mapped_column(Boolean)
    updated_at: Mapped[datetime] = mapped_column(timestamp())
    published_at: Mapped[datetime | None] = mapped_column(timestamp())
    published_by: Mapped[str | None] = mapped_column(Text)

    rates: Mapped[list["TariffRate"]] = relationship(
        lazy="raise",
        viewonly=True,
        order_by="(TariffRate.product, TariffRate.distance, TariffRate.max_weight_g)",
    )
    surcharges: Mapped[list["TariffSurcharge"]] = relationship(
        lazy="raise", viewonly=True, order_by="TariffSurcharge.kind"
    )

    __table_args__ = (
        Index(
            "ix_tariff_version_valid_from",
            "valid_from",
            unique=True,
            postgresql_where=text("published_at IS NOT NULL"),
        ),
    )


class TariffRate(Base):
    __tablename__ = "tariff_rate"

    version: Mapped[str] = mapped_column(ForeignKey("tariff_version.code"), primary_key=True)
    product: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    distance: Mapped[str] = mapped_column(Text, primary_key=True)
    max_weight_g: Mapped[int] = mapped_column(Integer, primary_key=True)
    price_rials: Mapped[int] = mapped_column(BigInteger)
    per_kg_rials: Mapped[int | None] = mapped_column(BigInteger)


class TariffSurcharge(Base):
    __tablename__ = "tariff_surcharge"

    version: Mapped[str] = mapped_column(ForeignKey("tariff_version.code"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    fixed_rials: Mapped[int] = mapped_column(BigInteger)
    basis_points: Mapped[int] = mapped_column(Integer)
    free_up_to_rials: Mapped[int] = mapped_column(BigInteger)
    longest_mm_max: Mapped[int | None] = mapped_column(Integer)
    girth_mm_max: Mapped[int | None] = mapped_column(Integer)


class VatRate(Base):
    """From a day on; append-only: of two rows of a day, the one recorded last holds."""

    __tablename__ = "vat_rate"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(timestamp())
    basis_points: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_vat_rate_valid_from", "valid_from", "id"),)
