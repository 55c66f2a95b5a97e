"""Roll-ups: reports read these, never events."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class TaskDaily(Base):
    """Tasks done on a day of Tehran (vocabulary.Task), by kind of the office that did them."""

    __tablename__ = "task_daily"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    task: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class StatisticsState(Base):
    """How far the roll-ups have come; who writes them holds this row's lock.

    `recount_from`: the item from which on all are to be counted again; `recount_tasks`: as well
    the tasks, after that.
    """

    __tablename__ = "statistics_state"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    as_of: Mapped[datetime | None] = mapped_column(timestamp())
    recount_from: Mapped[int | None] = mapped_column(BigInteger)
    recount_tasks: Mapped[bool] = mapped_column(Boolean)
