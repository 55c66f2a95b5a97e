"""Payment orders: what a bank is to pay to whom, what became of it, and every step on the way."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from services.parcels.payees.models import Payee
from shared.tables import timestamp


class PaymentOrder(Base):
    """`transfer`: the ledger's reservation of the amount, held until the outcome.

    `expires_at`: until when a bank may fetch it; what is fetched waits for the bank's answer.
    """

    __tablename__ = "payment_order"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    beneficiary: Mapped[uuid.UUID]
    payee: Mapped[uuid.UUID] = mapped_column(ForeignKey(Payee.id))
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    transfer: Mapped[int] = mapped_column(BigInteger, ForeignKey("ledger_transfer.id"))
    bank: Mapped[uuid.UUID | None]
    trace_number: Mapped[str | None] = mapped_column(Text)
    return_trace_number: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    prepared_at: Mapped[datetime] = mapped_column(timestamp())
    fetched_at: Mapped[datetime | None] = mapped_column(timestamp())
    answered_at: Mapped[datetime | None] = mapped_column(timestamp())
    expires_at: Mapped[datetime | None] = mapped_column(timestamp())

    __table_args__ = (
        Index("ix_payment_order_reference", "reference", unique=True),
        Index("ix_payment_order_status", "status", "id"),
        Index("ix_payment_order_beneficiary", "beneficiary", "id"),
        Index("ix_payment_order_bank", "bank", "id", postgresql_where=text("bank IS NOT NULL")),
        Index(
            "ix_payment_order_fetched_at",
            "fetched_at",
            postgresql_where=text("status = 'fetched'"),
        ),
        Index(
            "ix_payment_order_expires_at",
            "expires_at",
            postgresql_where=text("status = 'prepared' AND expires_at IS NOT NULL"),
        ),
        Index(
            "ix_payment_order_answered_at",
            "bank",
            "answered_at",
            postgresql_where=text("trace_number IS NOT NULL"),
        ),
    )


class PaymentOrderStep(Base):
    """Who brought an order into a state, when and why; never changed."""

    __tablename__ = "payment_order_step"

    payment_order: Mapped[uuid.UUID] = mapped_column(ForeignKey(PaymentOrder.id), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(timestamp())


class BankTrace(Base):
    """A bank's trace numbers, each of one transfer of one order for ever."""

    __tablename__ = "bank_trace"

    bank: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    trace_number: Mapped[str] = mapped_column(Text, primary_key=True)
    payment_order: Mapped[uuid.UUID] = mapped_column(ForeignKey(PaymentOrder.id))
    kind: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_bank_trace_payment_order", "payment_order", "kind", unique=True),)
