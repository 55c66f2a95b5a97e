"""What offices bear of what was paid: announced, perhaps appealed, deducted or lifted."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import BIGINT
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base
from services.complaints.chargebacks.domain import Status
from services.complaints.claims.models import Claim


class ChargeBack(Base):
    """`deduct_at`: when parcels is to be told to deduct it, or to give it back."""

    __tablename__ = "charge_back"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    claim: Mapped[uuid.UUID] = mapped_column(ForeignKey(Claim.id))
    payout: Mapped[uuid.UUID] = mapped_column(ForeignKey("payout.id"))
    office: Mapped[str]
    amount_rials: Mapped[int] = mapped_column(BIGINT)
    status: Mapped[Status] = mapped_column(Text)
    deduct_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    announced_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]

    __table_args__ = (
        CheckConstraint("amount_rials > 0", name="amount_rials"),
        CheckConstraint(
            "status IN ('announced', 'appealed', 'due', 'deducted', 'lifting', 'lifted')",
            name="status",
        ),
        # one office bears a payout; where it was lifted, another may
        Index(
            "ix_charge_back_payout",
            "payout",
            unique=True,
            postgresql_where=text("status NOT IN ('lifting', 'lifted')"),
        ),
        Index("ix_charge_back_claim", "claim"),
        Index("ix_charge_back_office", "office", "id"),
        Index("ix_charge_back_status", "status", "id"),
        Index(
            "ix_charge_back_deduct_at", "deduct_at", postgresql_where=text("deduct_at IS NOT NULL")
        ),
    )


class ChargeBackStep(Base):
    """Who brought it into a state, when and why; never changed."""

    __tablename__ = "charge_back_step"

    charge_back: Mapped[uuid.UUID] = mapped_column(ForeignKey(ChargeBack.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[str]
    decided_by: Mapped[str]
    note: Mapped[str | None]
    decided_at: Mapped[datetime]
