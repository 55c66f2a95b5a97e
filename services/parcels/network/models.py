"""The replica of offices that parcels keeps: what booking and scanning need, no more."""

from sqlalchemy import BigInteger, Boolean, Float, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base


class Office(Base):
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

    __table_args__ = (Index("ix_office_code", "code", unique=True),)
