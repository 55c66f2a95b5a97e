"""Bags, their events, what was put into them and taken out, and when an item was in which.

Events and packings are facts and stay as they are; membership follows from them. Tables led by
an item id go with their item.
"""

import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
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


class Bag(Base):
    """One journey of a container; its barcode is its id (domain.code_of). `office`: where it is."""

    __tablename__ = "bag"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    receptacle: Mapped[str | None] = mapped_column(Text)
    from_office: Mapped[int | None] = mapped_column(Integer)
    to_office: Mapped[int | None] = mapped_column(Integer)
    status: Mapped[int] = mapped_column(SmallInteger)
    office: Mapped[int | None] = mapped_column(Integer)
    seal: Mapped[str | None] = mapped_column(Text)
    weight_g: Mapped[int | None] = mapped_column(Integer)
    dispatch: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("dispatch.id"))
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(timestamp())
    created_by: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (
        Index(
            "ix_bag_receptacle",
            "receptacle",
            "id",
            unique=True,
            postgresql_where=text("receptacle IS NOT NULL"),
        ),
        Index("ix_bag_dispatch", "dispatch", "id", postgresql_where=text("dispatch IS NOT NULL")),
        Index("ix_bag_to_office", "to_office", "id"),
        Index("ix_bag_from_office", "from_office", "id"),
    )


class BagEventRow(Base):
    """`at`: the time that counts, min(occurred_at, recorded_at + 5 min)."""

    __tablename__ = "bag_event"

    bag: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event: Mapped[int] = mapped_column(SmallInteger)
    flagged: Mapped[bool] = mapped_column(Boolean)
    office: Mapped[int | None] = mapped_column(Integer)
    operator: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(timestamp())
    occurred_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    actor: Mapped[uuid.UUID | None]
    seal: Mapped[str | None] = mapped_column(Text)
    trip: Mapped[str | None] = mapped_column(Text)
    device: Mapped[str | None] = mapped_column(Text)


class BagPacking(Base):
    """That an item was put into a bag, or taken out."""

    __tablename__ = "bag_packing"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    bag: Mapped[int] = mapped_column(BigInteger)
    packed: Mapped[bool] = mapped_column(Boolean)
    flagged: Mapped[bool] = mapped_column(Boolean)
    office: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(timestamp())
    occurred_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    actor: Mapped[uuid.UUID | None]


class BagMember(Base):
    """An item was in a bag from then until then, both ends included; `infinity` is still."""

    __tablename__ = "bag_member"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    bag: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    from_at: Mapped[datetime] = mapped_column(timestamp(), primary_key=True)
    until_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (Index("ix_bag_member_bag", "bag", "item_id"),)


class BagDiscrepancy(Base):
    """What did not fit about a bag itself; what concerns its items is in `discrepancy`."""

    __tablename__ = "bag_discrepancy"

    bag: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
