"""What was decided about single events. The events themselves stay as they were recorded."""

import uuid
from datetime import datetime

from sqlalchemy import ARRAY, UUID, BigInteger, Boolean, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class EventDeclaration(Base):
    """That an event was wrong (EPCIS `errorDeclaration`); `counted`: it was folded before."""

    __tablename__ = "event_declaration"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    corrective: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(UUID))
    counted: Mapped[bool] = mapped_column(Boolean)
    declared_by: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime] = mapped_column(timestamp())


class FlaggedRuling(Base):
    """Whether an event from outside the offline window counts after all."""

    __tablename__ = "flagged_ruling"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    accepted: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(timestamp())
