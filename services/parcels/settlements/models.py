"""Which payment orders settle whose cash on delivery, and whether they still stand."""

import uuid

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base


class CodSettlement(Base):
    """`carried_rials`: what was owed besides the takings, below zero where the shop owed us."""

    __tablename__ = "cod_settlement"

    payment_order: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    partner: Mapped[uuid.UUID]
    items: Mapped[int] = mapped_column(Integer)
    items_rials: Mapped[int] = mapped_column(BigInteger)
    carried_rials: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_cod_settlement_partner", "partner", "payment_order"),)
