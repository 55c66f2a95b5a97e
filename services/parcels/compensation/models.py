"""Which payment order pays which transfer of a claim, for ever."""

import uuid

from sqlalchemy import Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base


class CompensationOrder(Base):
    """The natural key of compensation's orders, whatever keys and retries they come by."""

    __tablename__ = "compensation_order"

    claim: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    transfer: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    payment_order: Mapped[uuid.UUID]

    __table_args__ = (Index("ix_compensation_order_payment_order", "payment_order", unique=True),)
