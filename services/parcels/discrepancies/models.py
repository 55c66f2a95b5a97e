"""What did not fit. Nothing here is ever deleted."""

import uuid
from datetime import datetime

from sqlalchemy import UUID, BigInteger, Index, Integer, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class Discrepancy(Base):
    """What did not fit, and what became of it; `owner`: the office that has to clear it up.

    `event_id` is the misfit's: of a scan, a bag, a measurement; of a missing item, the last seen.
    """

    __tablename__ = "discrepancy"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(timestamp())
    id: Mapped[uuid.UUID] = mapped_column(UUID, server_default=text("uuidv7()"))
    office: Mapped[int | None] = mapped_column(Integer)
    owner: Mapped[int | None] = mapped_column(Integer)
    last_custodian: Mapped[int | None] = mapped_column(SmallInteger)
    last_custodian_id: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None] = mapped_column(timestamp())
    closed_by: Mapped[str | None] = mapped_column(Text)
    closing_event: Mapped[uuid.UUID | None] = mapped_column(UUID)
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_discrepancy_id", "id"),
        Index("ix_discrepancy_open", "owner", "id", postgresql_where=text("closed_at IS NULL")),
        Index(
            "ix_discrepancy_timed",
            "item_id",
            postgresql_where=text("kind IN ('missing', 'weight_difference') AND closed_at IS NULL"),
        ),
    )
