"""How many people a county has, and what is to be reached. Append-only: the last record holds."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Identity, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class CountyPopulation(Base):
    """From a day on; of two records of a day the later holds."""

    __tablename__ = "county_population"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    county: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    people: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_county_population_county", "county", "valid_from", "id"),)


class Target(Base):
    """Of a Jalali period; county "" is all counties, product 0 all products.

    `value`: items, or hundredths of a per cent for `within_promise`; null: withdrawn.
    """

    __tablename__ = "target"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    period: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    county: Mapped[str] = mapped_column(Text)
    product: Mapped[int] = mapped_column(SmallInteger)
    value: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_target_period", "period", "measure", "county", "product", "id"),)
