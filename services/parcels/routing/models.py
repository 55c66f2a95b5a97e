"""How offices ride to and from their sorting centre."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Identity, Integer, SmallInteger, Text
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
