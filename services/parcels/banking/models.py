"""What mail asks of its delivery, and the branches of a bank that sends it."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class BankBranch(Base):
    __tablename__ = "bank_branch"

    partner: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    cost_centre: Mapped[str] = mapped_column(Text)
    office: Mapped[int | None] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(timestamp())


class DeliveryTerms(Base):
    """What an order asks of its delivery; most have no row. The cost centre is the booking's."""

    __tablename__ = "delivery_terms"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    partner: Mapped[uuid.UUID]
    booked_at: Mapped[datetime] = mapped_column(timestamp())
    addressee_only: Mapped[bool] = mapped_column(Boolean)
    national_card: Mapped[bool] = mapped_column(Boolean)
    undelivered: Mapped[str] = mapped_column(Text)
    branch: Mapped[str | None] = mapped_column(Text)
    return_branch: Mapped[str | None] = mapped_column(Text)
    cost_centre: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index(
            "ix_delivery_terms_branch",
            "partner",
            "booked_at",
            postgresql_where=text("branch IS NOT NULL"),
        ),
    )


class Addressee(Base):
    """Whose national card is to be seen (PII)."""

    __tablename__ = "addressee"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    national_id: Mapped[str] = mapped_column(Text)
