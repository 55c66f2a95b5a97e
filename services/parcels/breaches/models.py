"""Items under way with what they are promised, and breaches: no foreign keys."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class PromiseDue(Base):
    """An accepted item that has not ended.

    `pausing`: some of its events may pause it, so that its history is looked at each time.
    """

    __tablename__ = "promise_due"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    office: Mapped[int] = mapped_column(Integer)
    promised_at: Mapped[datetime] = mapped_column(timestamp())
    pausing: Mapped[bool] = mapped_column(Boolean)
    paused: Mapped[bool] = mapped_column(Boolean)
    breached: Mapped[bool] = mapped_column(Boolean)
    risk_told: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        Index(
            "ix_promise_due_promised_at",
            "promised_at",
            "item_id",
            postgresql_where=text("NOT paused AND NOT breached"),
        ),
    )


class PromiseBreach(Base):
    """A promise that was not kept; withdrawn where what is known later says otherwise."""

    __tablename__ = "promise_breach"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    promised_at: Mapped[datetime] = mapped_column(timestamp(), primary_key=True)
    partner: Mapped[uuid.UUID]
    found_at: Mapped[datetime] = mapped_column(timestamp())
    withdrawn_at: Mapped[datetime | None] = mapped_column(timestamp())

    __table_args__ = (
        Index("ix_promise_breach_partner", "partner", "item_id", "promised_at"),
        Index("ix_promise_breach_promised_at", "promised_at"),
    )
