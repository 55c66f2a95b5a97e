"""Next hops between sorting centres, a version each time that they change."""

from datetime import date, datetime

from sqlalchemy import Date, Float, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class RoutingVersion(Base):
    """The next hops of a week's timetable; the newest holds."""

    __tablename__ = "routing_version"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    week_from: Mapped[date] = mapped_column(Date)
    fingerprint: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[datetime] = mapped_column(timestamp())


class NextHop(Base):
    """Where a centre sends what is for another: the best for the larger share of a week's hours."""

    __tablename__ = "next_hop"

    version: Mapped[int] = mapped_column(ForeignKey("routing_version.version"), primary_key=True)
    centre: Mapped[str] = mapped_column(Text, primary_key=True)
    destination: Mapped[str] = mapped_column(Text, primary_key=True)
    next_office: Mapped[str] = mapped_column(Text)
    line: Mapped[str] = mapped_column(Text)
    share_percent: Mapped[float] = mapped_column(Float)
    mean_min: Mapped[int] = mapped_column(Integer)
    worst_min: Mapped[int] = mapped_column(Integer)
