"""Bank accounts that partners are paid to, dated; a row is never changed, a later one follows."""

import uuid
from datetime import date, datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class Payee(Base):
    __tablename__ = "payee"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    partner: Mapped[uuid.UUID]
    sheba: Mapped[str] = mapped_column(Text)
    holder_name: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    registered_by: Mapped[str] = mapped_column(Text)
    registered_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (Index("ix_payee_partner", "partner", "valid_from", "id"),)
