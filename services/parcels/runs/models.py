"""Runs of couriers and the stops of these."""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from services.parcels.couriers.models import Courier
from shared.tables import timestamp


class CourierRun(Base):
    __tablename__ = "courier_run"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    courier: Mapped[str] = mapped_column(ForeignKey(Courier.code))
    office: Mapped[int] = mapped_column(Integer)
    day: Mapped[date] = mapped_column(Date)
    status: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    planned_at: Mapped[datetime] = mapped_column(timestamp())
    started_at: Mapped[datetime | None] = mapped_column(timestamp())
    closed_at: Mapped[datetime | None] = mapped_column(timestamp())
    updated_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (
        Index("ix_courier_run_office", "office", "id"),
        Index("ix_courier_run_courier", "courier", "id"),
        Index(
            "ix_courier_run_open",
            "office",
            "id",
            postgresql_where=text("status IN ('planned', 'out')"),
        ),
        Index(
            "ix_courier_run_out", "courier", unique=True, postgresql_where=text("status = 'out'")
        ),
    )


class RunStop(Base):
    """An item of a run. An item is on one run at a time, which its row's lock sees to."""

    __tablename__ = "run_stop"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    run: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(timestamp())

    __table_args__ = (Index("ix_run_stop_run", "run", "position"),)
