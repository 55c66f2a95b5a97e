"""Claims, how each became what it is, who approved it, and whose account is to be paid."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import BIGINT
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base
from services.complaints.claims.domain import Origin, Status
from services.complaints.rules.domain import Cause, Contents
from services.complaints.rules.models import CompensationRules

CAUSES = "'loss', 'damage', 'partial_loss', 'delay', 'cod_not_remitted', 'return_without_cause'"
STATUSES = (
    "'assessing', 'payee_needed', 'proposed', 'approved', 'ordered', 'paid', 'refused',"
    " 'returned', 'voided', 'expired', 'declined', 'reopened'"
)


class ClaimItem(Base):
    """A parcel, locked before any of its claims is decided.

    `late_from`: from when on a delivery would be late beyond the rule; `look_at`: when that is to
    be looked at.
    """

    __tablename__ = "claim_item"

    barcode: Mapped[str] = mapped_column(primary_key=True)
    late_from: Mapped[datetime | None]
    look_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_claim_item_look_at", "look_at", postgresql_where=text("look_at IS NOT NULL")),
    )


class Claim(Base):
    """`facts`: of the parcel, as it was when the claim was computed; `worked`: step by step.

    `asked_rials` is what the claimant says, `loss_rials` what an officer found.
    `supplements` names the paid claim that this one adds to. `round` counts proposals: approvals
    of an earlier one are void. `lookup_at`: when parcels is to be asked about the parcel, if it is.
    """

    __tablename__ = "claim"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    barcode: Mapped[str] = mapped_column(ForeignKey(ClaimItem.barcode))
    cause: Mapped[Cause] = mapped_column(Text)
    status: Mapped[Status] = mapped_column(Text)
    origin: Mapped[Origin] = mapped_column(Text)
    case_number: Mapped[str | None]
    partner: Mapped[uuid.UUID | None]
    contents: Mapped[Contents] = mapped_column(Text)
    asked_rials: Mapped[int | None] = mapped_column(BIGINT)
    loss_rials: Mapped[int | None] = mapped_column(BIGINT)
    rules: Mapped[str | None] = mapped_column(ForeignKey(CompensationRules.code))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    worked: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    amount_rials: Mapped[int | None] = mapped_column(BIGINT)
    supplements: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("claim.id"))
    liable_office: Mapped[str | None]
    reason: Mapped[str | None]
    round: Mapped[int]
    opened_by: Mapped[str]
    proposed_by: Mapped[str | None]
    claimed_on: Mapped[date]
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    reopened_at: Mapped[datetime | None]
    lookup_at: Mapped[datetime | None]
    backfill: Mapped[bool]
    version: Mapped[int]

    __table_args__ = (
        CheckConstraint(f"cause IN ({CAUSES})", name="cause"),
        CheckConstraint(f"status IN ({STATUSES})", name="status"),
        CheckConstraint("origin IN ('person', 'partner', 'officer', 'itself')", name="origin"),
        CheckConstraint("loss_rials >= 0", name="loss_rials"),
        CheckConstraint("amount_rials >= 0", name="amount_rials"),
        CheckConstraint(
            "status IN ('assessing', 'payee_needed', 'declined', 'reopened') OR amount_rials > 0",
            name="amount",
        ),
        Index(
            "ix_claim_one",
            "barcode",
            "cause",
            unique=True,
            postgresql_where=text("supplements IS NULL AND status <> 'declined'"),
        ),
        Index(
            "ix_claim_supplement",
            "supplements",
            unique=True,
            postgresql_where=text("supplements IS NOT NULL AND status <> 'declined'"),
        ),
        Index("ix_claim_status", "status", "id"),
        Index("ix_claim_barcode", "barcode", "id"),
        Index("ix_claim_partner", "partner", "id", postgresql_where=text("partner IS NOT NULL")),
        Index("ix_claim_lookup_at", "lookup_at", postgresql_where=text("lookup_at IS NOT NULL")),
    )


class ClaimPayee(Base):
    """Whose bank account is paid (PII)."""

    __tablename__ = "claim_payee"

    claim: Mapped[uuid.UUID] = mapped_column(ForeignKey(Claim.id), primary_key=True)
    sheba: Mapped[str]
    holder_name: Mapped[str]
    given_by: Mapped[str]
    given_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("sheba ~ '^IR[0-9]{24}$'", name="sheba"),)


class ClaimStep(Base):
    """Who brought a claim into a state, when and why; never changed."""

    __tablename__ = "claim_step"

    claim: Mapped[uuid.UUID] = mapped_column(ForeignKey(Claim.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[Status] = mapped_column(Text)
    decided_by: Mapped[str]
    note: Mapped[str | None]
    decided_at: Mapped[datetime]

    __table_args__ = (CheckConstraint(f"status IN ({STATUSES})", name="status"),)


class ClaimApproval(Base):
    """One person's approval of one proposal; never changed."""

    __tablename__ = "claim_approval"

    claim: Mapped[uuid.UUID] = mapped_column(ForeignKey(Claim.id), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    approver: Mapped[str] = mapped_column(primary_key=True)
    amount_rials: Mapped[int] = mapped_column(BIGINT)
    approved_at: Mapped[datetime]
