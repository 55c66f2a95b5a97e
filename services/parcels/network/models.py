"""The replica of offices that parcels keeps: what booking and scanning need, no more."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Boolean, Float, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class Office(Base):
    """May book at `at` if `at < gate_until`; where that is null, if `gate_open`."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    town: Mapped[str] = mapped_column(Text)
    town_name: Mapped[str] = mapped_column(Text)
    county: Mapped[str] = mapped_column(Text)
    province: Mapped[str] = mapped_column(Text)
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    active: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(BigInteger)
    gate_open: Mapped[bool] = mapped_column(Boolean)
    gate_until: Mapped[datetime | None] = mapped_column(timestamp())
    gate_reason: Mapped[str | None] = mapped_column(Text)
    gate_products: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    gate_weight_max_g: Mapped[int | None] = mapped_column(Integer)
    sorting_centre: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_office_code", "code", unique=True),)
