"""What was decided on proposed refunds; once, and never changed."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class RefundDecision(Base):
    __tablename__ = "refund_decision"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recomputation: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    approved: Mapped[bool] = mapped_column(Boolean)
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    vat_rials: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(timestamp())
