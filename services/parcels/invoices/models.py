"""Invoices, their gap-free numbers, and whom they are made out to (personal, apart, erasable)."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class InvoiceCounter(Base):
    """The last number given out in a Jalali year; in the invoice's transaction, so without gaps."""

    __tablename__ = "invoice_counter"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)


class Invoice(Base):
    """A partner's month as it was issued; the app's role cannot change it.

    `opening_rials` and `closing_rials`: what the partner owes; below zero, what it has with us.
    """

    __tablename__ = "invoice"

    number: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    n: Mapped[int] = mapped_column(Integer)
    partner: Mapped[uuid.UUID]
    month: Mapped[int] = mapped_column(Integer)
    opening_rials: Mapped[int] = mapped_column(BigInteger)
    charges_rials: Mapped[int] = mapped_column(BigInteger)
    vat_rials: Mapped[int] = mapped_column(BigInteger)
    payments_rials: Mapped[int] = mapped_column(BigInteger)
    closing_rials: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    issued_at: Mapped[datetime] = mapped_column(timestamp())
    issued_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("year", "n", name="uq_invoice_year_n"),
        UniqueConstraint("partner", "month", name="uq_invoice_partner_month"),
    )


class BillingProfile(Base):
    __tablename__ = "billing_profile"

    partner: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    legal_id: Mapped[str | None] = mapped_column(Text)
    national_id: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(timestamp())


class InvoiceBuyer(Base):
    """The profile as it was when the invoice was issued."""

    __tablename__ = "invoice_buyer"

    number: Mapped[str] = mapped_column(ForeignKey("invoice.number"), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    legal_id: Mapped[str | None] = mapped_column(Text)
    national_id: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str | None] = mapped_column(Text)
