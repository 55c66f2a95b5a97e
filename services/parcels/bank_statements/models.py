"""What a bank says it did on a day, line by line, and how each line compares with our orders."""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class BankStatement(Base):
    __tablename__ = "bank_statement"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    bank: Mapped[uuid.UUID]
    day: Mapped[date]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (Index("ix_bank_statement_bank", "bank", "day", unique=True),)


class BankStatementLine(Base):
    __tablename__ = "bank_statement_line"

    statement: Mapped[uuid.UUID] = mapped_column(ForeignKey(BankStatement.id), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    trace_number: Mapped[str] = mapped_column(Text)
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(Text)
    payment_order: Mapped[uuid.UUID | None]

    __table_args__ = (
        Index(
            "ix_bank_statement_line_payment_order",
            "payment_order",
            postgresql_where=text("payment_order IS NOT NULL"),
        ),
    )
