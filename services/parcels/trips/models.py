"""Vehicles, and the runs of lines that they drive."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.parcels.base import Base
from shared.tables import timestamp


class Vehicle(Base):
    __tablename__ = "vehicle"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    plate: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    capacity_items: Mapped[int] = mapped_column(Integer)
    capacity_kg: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(timestamp())


class Trip(Base):
    """A run of a line on a day. `due_at`: when the next call's event is planned, if any is left."""

    __tablename__ = "trip"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    line: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date)
    status: Mapped[str] = mapped_column(Text)
    vehicle: Mapped[str | None] = mapped_column(ForeignKey("vehicle.code"))
    mode: Mapped[str] = mapped_column(Text)
    capacity_items: Mapped[int] = mapped_column(Integer)
    capacity_kg: Mapped[int] = mapped_column(Integer)
    distance_km: Mapped[int] = mapped_column(Integer)
    driven_km: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str | None] = mapped_column(Text)
    delay_min: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime | None] = mapped_column(timestamp())
    told_late: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(timestamp())

    calls: Mapped[list["TripCall"]] = relationship(
        lazy="raise", order_by="TripCall.n", cascade="all, delete-orphan"
    )

    __table_args__ = (
        UniqueConstraint("day", "line", name="uq_trip_day_line"),
        Index("ix_trip_line", "line", "day"),
        Index("ix_trip_vehicle", "vehicle", "day"),
        Index("ix_trip_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index(
            "ix_trip_amiss",
            "day",
            postgresql_where=text(
                "status = 'cancelled' OR (status = 'departed' AND delay_min > 0)"
            ),
        ),
    )


class TripCall(Base):
    """Planned and actual times at an office; `items` and `weight_kg`: on board as it left."""

    __tablename__ = "trip_call"

    trip: Mapped[int] = mapped_column(ForeignKey("trip.id"), primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    office: Mapped[str] = mapped_column(Text)
    arrives_at: Mapped[datetime | None] = mapped_column(timestamp())
    departs_at: Mapped[datetime | None] = mapped_column(timestamp())
    arrived_at: Mapped[datetime | None] = mapped_column(timestamp())
    departed_at: Mapped[datetime | None] = mapped_column(timestamp())
    items: Mapped[int | None] = mapped_column(Integer)
    weight_kg: Mapped[int | None] = mapped_column(Integer)
