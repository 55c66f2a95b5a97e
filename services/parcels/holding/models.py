"""What waits at a counter and until when, under which rule; and returns with price and promise."""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Identity, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class HoldingRule(Base):
    """From a day on: notices before holding, days held, days and share of the price of a return."""

    __tablename__ = "holding_rule"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date)
    notices: Mapped[int] = mapped_column(Integer)
    hold_days: Mapped[int] = mapped_column(Integer)
    return_days: Mapped[int] = mapped_column(Integer)
    return_basis_points: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_holding_rule_valid_from", "valid_from", "id"),)


class Holding(Base):
    """An item that waits for its recipient; gone when it moves on.

    `over_at`: its time was up, and its sender wants it destroyed: that takes people.
    """

    __tablename__ = "holding"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    office: Mapped[int | None] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(timestamp())
    until: Mapped[datetime] = mapped_column(timestamp())
    over_at: Mapped[datetime | None] = mapped_column(timestamp())

    __table_args__ = (
        Index("ix_holding_until", "until", "item_id", postgresql_where=text("over_at IS NULL")),
        Index("ix_holding_office", "office", "item_id"),
    )


class ReturnLeg(Base):
    """The way back that one event began, to the sender or a branch of it.

    No price where the tariff has none for it, as for what another post sent.
    """

    __tablename__ = "return_leg"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    partner: Mapped[uuid.UUID]
    destination: Mapped[str] = mapped_column(Text)
    branch: Mapped[str | None] = mapped_column(Text)
    office: Mapped[int | None] = mapped_column(Integer)
    price_rials: Mapped[int | None] = mapped_column(BigInteger)
    tariff: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(timestamp())
    promised_at: Mapped[datetime] = mapped_column(timestamp())
