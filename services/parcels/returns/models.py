"""Customers' returns: an item that goes back to its sender within the law's days."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class CustomerReturn(Base):
    """`item_id` is booked to carry `return_of` back; a delivered item is returned once."""

    __tablename__ = "customer_return"

    return_of: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(timestamp())
    hand_in_until: Mapped[datetime] = mapped_column(timestamp())
    reason: Mapped[str | None] = mapped_column(Text)
    price_rials: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_customer_return_item_id", "item_id"),)


class ReturnCode(Base):
    """The code that a customer shows at a counter."""

    __tablename__ = "return_code"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    return_of: Mapped[int] = mapped_column(BigInteger)
