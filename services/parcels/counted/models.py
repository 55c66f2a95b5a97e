"""Mail that is counted and weighed, not scanned: no item, no custody; and its roll-up."""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.bags.models import Bag
from services.parcels.base import Base
from shared.tables import timestamp


class CountedConsignment(Base):
    """So many pieces of such weight, counted once; never changed, but reversed by another.

    `reference`: the office's own number of it.
    """

    __tablename__ = "counted_consignment"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    office: Mapped[int] = mapped_column(Integer)
    reference: Mapped[str] = mapped_column(Text)
    product: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(Text)
    direction: Mapped[int] = mapped_column(SmallInteger)
    to_office: Mapped[int | None] = mapped_column(Integer)
    bag: Mapped[int | None] = mapped_column(ForeignKey(Bag.id))
    day: Mapped[date] = mapped_column(Date)
    items: Mapped[int] = mapped_column(Integer)
    weight_g: Mapped[int] = mapped_column(BigInteger)
    reverses: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("counted_consignment.id"))
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index("ix_counted_consignment_reference", "office", "reference", unique=True),
        Index(
            "ix_counted_consignment_reverses",
            "reverses",
            unique=True,
            postgresql_where=text("reverses IS NOT NULL"),
        ),
        Index("ix_counted_consignment_day", "day", "id"),
        Index("ix_counted_consignment_office", "office", "day", "id"),
    )


class CountedDaily(Base):
    """Pieces, grams and consignments of a day."""

    __tablename__ = "counted_daily"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    office: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    product: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    direction: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    items: Mapped[int] = mapped_column(BigInteger)
    weight_g: Mapped[int] = mapped_column(BigInteger)
    consignments: Mapped[int] = mapped_column(BigInteger)
