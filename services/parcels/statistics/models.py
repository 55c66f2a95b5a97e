"""Roll-ups: reports read these, never events."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class VolumeDaily(Base):
    """Items accepted on a day of Tehran, by product and channel."""

    __tablename__ = "volume_daily"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    product: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    channel: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    items: Mapped[int] = mapped_column(BigInteger)


class TaskDaily(Base):
    """Tasks done on a day of Tehran (vocabulary.Task), by kind of the office that did them."""

    __tablename__ = "task_daily"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    task: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class StatisticsState(Base):
    """How far the roll-ups have come."""

    __tablename__ = "statistics_state"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    as_of: Mapped[datetime | None] = mapped_column(timestamp())
