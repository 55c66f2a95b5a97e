"""What items were measured to be, and what that did to their price."""

import uuid
from datetime import datetime

from sqlalchemy import UUID, BigInteger, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class Measurement(Base):
    """`…_before…`: as it was booked, or measured last; restored where a contest is won."""

    __tablename__ = "measurement"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    status: Mapped[str] = mapped_column(Text)
    office: Mapped[int | None] = mapped_column(Integer)
    device: Mapped[str] = mapped_column(Text)
    photo_sha256: Mapped[str | None] = mapped_column(Text)
    weight_g: Mapped[int] = mapped_column(Integer)
    length_mm: Mapped[int | None] = mapped_column(Integer)
    width_mm: Mapped[int | None] = mapped_column(Integer)
    height_mm: Mapped[int | None] = mapped_column(Integer)
    measured_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    actor: Mapped[uuid.UUID | None] = mapped_column(UUID)
    tariff: Mapped[str | None] = mapped_column(Text)
    weight_before_g: Mapped[int | None] = mapped_column(Integer)
    length_before_mm: Mapped[int | None] = mapped_column(Integer)
    width_before_mm: Mapped[int | None] = mapped_column(Integer)
    height_before_mm: Mapped[int | None] = mapped_column(Integer)
    price_before_rials: Mapped[int] = mapped_column(BigInteger)
    price_rials: Mapped[int] = mapped_column(BigInteger)
    contest_until: Mapped[datetime] = mapped_column(timestamp())
    contest_reason: Mapped[str | None] = mapped_column(Text)
    contested_at: Mapped[datetime | None] = mapped_column(timestamp())
    decision_reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(timestamp())

    __table_args__ = (
        Index("ix_measurement_contested", "id", postgresql_where=text("status = 'contested'")),
    )
