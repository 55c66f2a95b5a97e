"""Items of a month between sorting centres, counted from the items themselves."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class FlowCount(Base):
    """A Jalali month's count: asked for, done. `unplaced`: items for no town that we know."""

    __tablename__ = "flow_count"

    month: Mapped[str] = mapped_column(Text, primary_key=True)
    requested_at: Mapped[datetime] = mapped_column(timestamp())
    counted_at: Mapped[datetime | None] = mapped_column(timestamp())
    items: Mapped[int] = mapped_column(BigInteger)
    unplaced: Mapped[int] = mapped_column(BigInteger)


class FlowDaily(Base):
    """Items collected on a day of Tehran, by the centres of their origin and destination."""

    __tablename__ = "flow_daily"

    month: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    origin: Mapped[str] = mapped_column(Text, primary_key=True)
    destination: Mapped[str] = mapped_column(Text, primary_key=True)
    items: Mapped[int] = mapped_column(BigInteger)
