"""How offices ride to and from their sorting centre; next hops, a version each time they change."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Float, ForeignKey, Identity, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class FeederRuleRow(Base):
    """From a day on, of an office or (null) of all; append-only, the last recorded holds.

    Minutes since midnight of a day on Tehran's clock, but `sorting_min`, which is a duration.
    """

    __tablename__ = "feeder_rule"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    office: Mapped[str | None] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    days: Mapped[int] = mapped_column(SmallInteger)
    collected_min: Mapped[int] = mapped_column(Integer)
    at_centre_min: Mapped[int] = mapped_column(Integer)
    sent_out_min: Mapped[int] = mapped_column(Integer)
    at_office_min: Mapped[int] = mapped_column(Integer)
    round_leaves_min: Mapped[int] = mapped_column(Integer)
    round_back_min: Mapped[int] = mapped_column(Integer)
    sorting_min: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)


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
