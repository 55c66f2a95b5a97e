"""Destruction of what could not be delivered, on record. Nothing here is ever changed."""

import uuid
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class Destruction(Base):
    """That an item was destroyed as its sender ordered: the record's number, and who saw it."""

    __tablename__ = "destruction"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    partner: Mapped[uuid.UUID]
    office: Mapped[int] = mapped_column(Integer)
    record: Mapped[str] = mapped_column(Text)
    witnesses: Mapped[list[str]] = mapped_column(ARRAY(Text))
    destroyed_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    recorded_by: Mapped[str] = mapped_column(Text)
