"""A period's bookings under another tariff version: what differs, and refunds proposed.

Charges and proposals have no foreign keys: they go with their items.
"""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from services.parcels.tariff.models import TariffVersion
from shared.tables import timestamp


class Recomputation(Base):
    """A run over the bookings of [booked_from, booked_until), and how far it has come.

    The next item is the first after `at_item` of those booked in the step that begins `at_time`.
    """

    __tablename__ = "recomputation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(ForeignKey(TariffVersion.code))
    booked_from: Mapped[datetime] = mapped_column(timestamp())
    booked_until: Mapped[datetime] = mapped_column(timestamp())
    proposes_refunds: Mapped[bool] = mapped_column(Boolean)
    status: Mapped[str] = mapped_column(Text)
    at_time: Mapped[datetime] = mapped_column(timestamp())
    at_item: Mapped[int] = mapped_column(BigInteger)
    examined: Mapped[int] = mapped_column(BigInteger)
    without_price: Mapped[int] = mapped_column(BigInteger)
    over_count: Mapped[int] = mapped_column(BigInteger)
    over_rials: Mapped[int] = mapped_column(BigInteger)
    under_count: Mapped[int] = mapped_column(BigInteger)
    under_rials: Mapped[int] = mapped_column(BigInteger)
    refunds_count: Mapped[int] = mapped_column(BigInteger)
    refunds_rials: Mapped[int] = mapped_column(BigInteger)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(timestamp())
    finished_at: Mapped[datetime | None] = mapped_column(timestamp())

    __table_args__ = (
        Index("ix_recomputation_running", "id", postgresql_where=text("status = 'running'")),
    )


class RecomputedCharge(Base):
    """An item charged more or less than the version asks."""

    __tablename__ = "recomputed_charge"

    recomputation: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    overcharged: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    partner: Mapped[uuid.UUID]
    booked_tariff: Mapped[str] = mapped_column(Text)
    charged_rials: Mapped[int] = mapped_column(BigInteger)
    due_rials: Mapped[int] = mapped_column(BigInteger)


class RefundProposal(Base):
    """What an item's partner should get back; no money has moved by it."""

    __tablename__ = "refund_proposal"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recomputation: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    partner: Mapped[uuid.UUID]
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    proposed_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (
        Index("ix_refund_proposal_recomputation", "recomputation", "item_id"),
        Index("ix_refund_proposal_partner", "partner", "item_id", "recomputation"),
    )
