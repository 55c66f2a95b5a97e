"""Offices' contracts as far as commission goes, what they accepted, deductions, statements."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class OfficeContract(Base):
    """The replica of a contract; it holds up to `valid_until`, but not from `terminated_on` on."""

    __tablename__ = "office_contract"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(Text)
    office: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    terminated_on: Mapped[date | None]
    commission: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer)

    __table_args__ = (Index("ix_office_contract_office", "office", "valid_from"),)


class OfficeAcceptance(Base):
    """An item that an office accepted; `sign` -1 takes one back, on the day it had.

    `day` is where it is accounted: the day itself, or the first that no statement has closed.
    """

    __tablename__ = "office_acceptance"
    __table_args__ = (Index("ix_office_acceptance_day", "office", "day", "item_id", "seq", "sign"),)

    office: Mapped[int] = mapped_column(Integer)
    day: Mapped[date]
    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sign: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    accepted_on: Mapped[date]


class CommissionDeduction(Base):
    """What an office must bear, such as compensation for what it lost."""

    __tablename__ = "commission_deduction"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    office: Mapped[int] = mapped_column(Integer)
    day: Mapped[date]
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    occurred_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_commission_deduction_office", "office", "day"),)


class CommissionStatement(Base):
    """An office's month as it was issued: payable is gross less deductions, or carried forward."""

    __tablename__ = "commission_statement"

    office: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    items: Mapped[int] = mapped_column(BigInteger)
    gross_rials: Mapped[int] = mapped_column(BigInteger)
    deductions_rials: Mapped[int] = mapped_column(BigInteger)
    brought_forward_rials: Mapped[int] = mapped_column(BigInteger)
    payable_rials: Mapped[int] = mapped_column(BigInteger)
    carried_forward_rials: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    issued_at: Mapped[datetime] = mapped_column(timestamp())
    issued_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_commission_statement_month", "month", "office"),)
