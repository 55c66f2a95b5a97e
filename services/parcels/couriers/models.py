"""Couriers. Who a courier is, is kept apart (PII)."""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class Courier(Base):
    __tablename__ = "courier"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    office: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (Index("ix_courier_office", "office", "code"),)


class CourierPerson(Base):
    """Personal data; erased, the courier's code stays."""

    __tablename__ = "courier_person"

    courier: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
