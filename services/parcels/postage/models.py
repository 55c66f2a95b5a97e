"""What partners are charged: accounts with a balance, the journal of a partner's days, its months.

The money itself is in the ledger; these say what it was for, and are recounted against it.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class PostageAccount(Base):
    """A prepaid account, or one on credit that has had a limit. `balance_rials` < 0: owed to us.

    `limit_rials`: how far below zero it may go; None is as far as it likes.
    """

    __tablename__ = "postage_account"

    partner: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    limit_rials: Mapped[int | None] = mapped_column(BigInteger)
    balance_rials: Mapped[int] = mapped_column(BigInteger)
    opened_at: Mapped[datetime] = mapped_column(timestamp())


class PartnerEntry(Base):
    """What became of an item for its partner, and what that costs it; never changed.

    `day` is where it is accounted: the day it happened, or the first that no invoice has closed.
    """

    __tablename__ = "partner_entry"
    __table_args__ = (Index("ix_partner_entry_day", "partner", "day", "item_id", "kind", "seq"),)

    partner: Mapped[uuid.UUID]
    day: Mapped[date]
    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    payer: Mapped[int | None] = mapped_column(SmallInteger)
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    vat_rials: Mapped[int] = mapped_column(BigInteger)
    occurred_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_at: Mapped[datetime] = mapped_column(timestamp())


class PartnerMonth(Base):
    """The roll-up of entries and payments by Jalali month (139801), as invoices and balances need.

    `product` 0: payments. `amount_rials` includes `vat_rials`.
    """

    __tablename__ = "partner_month"

    partner: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    payer: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    product: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    entries: Mapped[int] = mapped_column(BigInteger)
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    vat_rials: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_partner_month_month", "month", "partner"),)


class RepricedCharge(Base):
    """By how much an item's charge changed when it was priced anew."""

    __tablename__ = "repriced_charge"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    nth: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    vat_rials: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
