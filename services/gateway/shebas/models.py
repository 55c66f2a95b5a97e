"""Changes of the accounts that partners are paid to. Rows are added and never changed."""

import uuid
from datetime import datetime

from sqlalchemy import (
    UUID,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from services.gateway.partners.models import Partner
from services.gateway.shebas.domain import Step
from shared.tables import timestamp


class ShebaChange(Base):
    __tablename__ = "sheba_change"

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True, server_default=text("uuidv7()"))
    partner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Partner.id))
    sheba: Mapped[str] = mapped_column(Text)
    holder_name: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[uuid.UUID]
    proposed_at: Mapped[datetime] = mapped_column(timestamp())

    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        Index("ix_sheba_change_partner_id", "partner_id", "id"),
    )


class ShebaChangeStep(Base):
    """What became of a change; `proposed_by` is repeated so that the database compares it.

    `effective`: from here it can no longer be called off; `delivered`: parcels knows the account.
    """

    __tablename__ = "sheba_change_step"

    change_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    step: Mapped[Step] = mapped_column(Text, primary_key=True)
    proposed_by: Mapped[uuid.UUID]
    by: Mapped[uuid.UUID | None]
    at: Mapped[datetime] = mapped_column(timestamp())
    effective_at: Mapped[datetime | None] = mapped_column(timestamp())
    note: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(
            ["change_id", "proposed_by"],
            ["sheba_change.id", "sheba_change.proposed_by"],
            name="fk_sheba_change_step_change_id",
        ),
        Index(
            "uq_sheba_change_step_end",
            "change_id",
            unique=True,
            postgresql_where=text("step IN ('rejected', 'effective')"),
        ),
        Index(
            "ix_sheba_change_step_effective_at",
            "effective_at",
            postgresql_where=text("step = 'approved'"),
        ),
    )
