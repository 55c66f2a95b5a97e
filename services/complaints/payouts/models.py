"""Payouts: each is one payment order at parcels and one transfer of our ledger."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import BIGINT
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base
from services.complaints.claims.models import Claim
from services.complaints.payouts.domain import Status

LIVE = "status IN ('pending', 'unknown', 'paid')"


class Payout(Base):
    """A claim's so-many-th transfer; `supplements` names the one that it adds to.

    `id` is the payment order's too, so that its events are known whatever answer was lost.
    `send_at`: when parcels is to be told (again) to order or to void it; `order_version` is the
    newest state of the payment order that we heard of.
    """

    __tablename__ = "payout"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    claim: Mapped[uuid.UUID] = mapped_column(ForeignKey(Claim.id))
    transfer: Mapped[int] = mapped_column(SmallInteger)
    barcode: Mapped[str]
    cause: Mapped[str]
    supplements: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payout.id"))
    amount_rials: Mapped[int] = mapped_column(BIGINT)
    status: Mapped[Status] = mapped_column(Text)
    ledger_transfer: Mapped[int] = mapped_column(BIGINT, ForeignKey("ledger_transfer.id"))
    order_version: Mapped[int]
    reference: Mapped[str | None]
    trace_number: Mapped[str | None]
    reason: Mapped[str | None]
    send_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    expires_at: Mapped[datetime]
    ordered_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("transfer > 0", name="transfer"),
        CheckConstraint("amount_rials > 0", name="amount_rials"),
        CheckConstraint(
            "status IN ('pending', 'unknown', 'paid', 'refused', 'returned', 'voided', 'expired')",
            name="status",
        ),
        Index("ix_payout_claim", "claim", "transfer", unique=True),
        # at most one live payment a parcel and cause, whatever comes in whatever order
        Index(
            "ix_payout_live",
            "barcode",
            "cause",
            unique=True,
            postgresql_where=text(f"supplements IS NULL AND {LIVE}"),
        ),
        Index(
            "ix_payout_supplement",
            "supplements",
            unique=True,
            postgresql_where=text(f"supplements IS NOT NULL AND {LIVE}"),
        ),
        Index("ix_payout_barcode", "barcode"),
        Index("ix_payout_send_at", "send_at", postgresql_where=text("send_at IS NOT NULL")),
        Index(
            "ix_payout_answered_at",
            "answered_at",
            postgresql_where=text("status IN ('paid', 'returned')"),
        ),
        Index(
            "ix_payout_returned_at", "returned_at", postgresql_where=text("returned_at IS NOT NULL")
        ),
    )
