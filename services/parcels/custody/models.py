"""Rules of custody with their days, and the search for items that nobody has seen."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class CustodyTerm(Base):
    """A rule's value from a day on (in Tehran); of a name's rows the one that began last holds."""

    __tablename__ = "custody_term"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    value: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())


class UnseenSweep(Base):
    """Items last changed before `swept_until` were looked at once, when that was long enough."""

    __tablename__ = "unseen_sweep"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    swept_until: Mapped[datetime | None] = mapped_column(timestamp())


class UnseenWatch(Base):
    """Items under way that were not seen for long; `due_at`: when they count as missing."""

    __tablename__ = "unseen_watch"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    due_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (Index("ix_unseen_watch_due_at", "due_at"),)
