"""Roll-ups of volumes, outcomes and transit times, and what each item has in them."""

from datetime import date

from sqlalchemy import ARRAY, BigInteger, Boolean, Date, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base


class _Figures:
    """A cell: of a dimension (domain.Dimension) one key, by product.

    What was accepted counts on the day of its acceptance; all else on the day of the item's end.
    `promised`: ended, and had a promise; `within`: kept it. `minutes`: of all transits together;
    `hours`: how many transits lie in each of domain.BOUNDS_H; null before the first.
    """

    dimension: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    accepted: Mapped[int] = mapped_column(Integer)
    delivered: Mapped[int] = mapped_column(Integer)
    returned: Mapped[int] = mapped_column(Integer)
    lost: Mapped[int] = mapped_column(Integer)
    destroyed: Mapped[int] = mapped_column(Integer)
    promised: Mapped[int] = mapped_column(Integer)
    within: Mapped[int] = mapped_column(Integer)
    minutes: Mapped[int] = mapped_column(BigInteger)
    hours: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))


class TransitDaily(_Figures, Base):
    __tablename__ = "transit_daily"


class TransitMonthly(_Figures, Base):
    """The same by Jalali months, `day` their first: a year of lanes is not 365 days to add up."""

    __tablename__ = "transit_monthly"


class ItemContribution(Base):
    """What an item has in the roll-ups now; a change is the difference to it."""

    __tablename__ = "item_contribution"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    accepted_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    office: Mapped[int] = mapped_column(Integer)
    minutes: Mapped[int | None] = mapped_column(Integer)
    product: Mapped[int] = mapped_column(SmallInteger)
    channel: Mapped[int] = mapped_column(SmallInteger)
    direction: Mapped[int] = mapped_column(SmallInteger)
    outcome: Mapped[int | None] = mapped_column(SmallInteger)
    within: Mapped[bool | None] = mapped_column(Boolean)
    origin: Mapped[str] = mapped_column(Text)
    destination: Mapped[str] = mapped_column(Text)

    # written in the order of time, so that a BRIN finds a period's rows; it keeps updates HOT
    __table_args__ = (
        Index("ix_item_contribution_accepted_on", "accepted_on", postgresql_using="brin"),
        Index("ix_item_contribution_ended_on", "ended_on", postgresql_using="brin"),
    )
