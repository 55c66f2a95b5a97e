"""Payments of partners, and the limits that were set for their credit; nothing is ever changed."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class CreditLimit(Base):
    __tablename__ = "credit_limit"

    partner: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    limit_rials: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(timestamp())


class PostagePayment(Base):
    """Money of a partner that came in; with `reverses`, one that was taken back."""

    __tablename__ = "postage_payment"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    partner: Mapped[uuid.UUID]
    account: Mapped[int] = mapped_column(SmallInteger)
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    reverses: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    reason: Mapped[str | None] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("method", "reference", name="uq_postage_payment_method_reference"),
        Index("ix_postage_payment_partner", "partner", "id"),
    )
