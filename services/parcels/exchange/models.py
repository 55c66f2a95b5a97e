"""Outside operators, dispatches to and from them, what they pre-advise, and items' directions."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class Operator(Base):
    """Who takes mail over from us and hands it over to us: another post, an airline, a carrier."""

    __tablename__ = "operator"

    id: Mapped[int] = mapped_column(Integer, Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_operator_code", "code", unique=True),)


class Dispatch(Base):
    """Bags sent together, to an office of ours or to an operator.

    An international one has a `series` (S8 without year and number), a year and a number in it.
    """

    __tablename__ = "dispatch"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    from_office: Mapped[int] = mapped_column(Integer)
    to_office: Mapped[int | None] = mapped_column(Integer)
    operator: Mapped[int | None] = mapped_column(ForeignKey(Operator.id))
    series: Mapped[str | None] = mapped_column(Text)
    year: Mapped[int | None] = mapped_column(SmallInteger)
    number: Mapped[int | None] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(Text)
    bags: Mapped[int] = mapped_column(Integer)
    receipt: Mapped[str | None] = mapped_column(Text)
    handed_over_at: Mapped[datetime | None] = mapped_column(timestamp())
    created_at: Mapped[datetime] = mapped_column(timestamp())
    created_by: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (
        Index(
            "ix_dispatch_series",
            "series",
            "year",
            "number",
            unique=True,
            postgresql_where=text("series IS NOT NULL"),
        ),
        Index(
            "ix_dispatch_receipt",
            "operator",
            "receipt",
            unique=True,
            postgresql_where=text("receipt IS NOT NULL"),
        ),
    )


class PreAdvice(Base):
    """An operator's list of a dispatch to us, by its S8 number and year."""

    __tablename__ = "pre_advice"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operator: Mapped[int] = mapped_column(ForeignKey(Operator.id))
    dispatch: Mapped[str] = mapped_column(Text)
    year: Mapped[int] = mapped_column(SmallInteger)
    items: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index("ix_pre_advice_dispatch", "operator", "dispatch", "year", unique=True),
        Index("ix_pre_advice_of", "dispatch", "id"),
    )


class PreAdviceItem(Base):
    """A listed item and when it was seen; or one that came with the dispatch without being listed.

    Led by the list, not by the item: it may never come. `barcode` as events tell it; `code` as it
    was listed (another post's number has a barcode of ours).
    """

    __tablename__ = "pre_advice_item"

    pre_advice: Mapped[uuid.UUID] = mapped_column(ForeignKey(PreAdvice.id), primary_key=True)
    barcode: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    receptacle: Mapped[str | None] = mapped_column(Text)
    listed: Mapped[bool] = mapped_column(Boolean)
    seen_at: Mapped[datetime | None] = mapped_column(timestamp())

    __table_args__ = (
        Index("ix_pre_advice_item_barcode", "barcode", postgresql_where=text("seen_at IS NULL")),
    )
