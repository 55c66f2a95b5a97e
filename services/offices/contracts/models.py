"""Tables of contracts: terms, their versions, whom each is with, and which expiries were told."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    Sequence,
    SmallInteger,
    Text,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.base import Base
from services.offices.contracts.domain import Action, Status
from services.offices.registry.models import Office

CONTRACT_NUMBER = Sequence("contract_number", metadata=Base.metadata, start=1, maxvalue=999_999)


class Contract(Base):
    """In force from `valid_from` to `valid_until`, both included, but not from `terminated_on` on.

    `status` turns `terminated` when that day has come; `renews` is the contract it goes on from.
    """

    __tablename__ = "contract"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    number: Mapped[str] = mapped_column(unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    terminated_on: Mapped[date | None]
    termination_reason: Mapped[str | None]
    products: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    weight_max_g: Mapped[int | None]
    commission: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    status: Mapped[Status] = mapped_column(Text)
    paper_reference: Mapped[str | None]
    renews: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contract.id"))
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    site: Mapped[Office] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_contract_office_id", "office_id", "valid_from"),
        Index("ix_contract_valid_until", "valid_until", "number"),
        Index(
            "ix_contract_terminated_on",
            "terminated_on",
            postgresql_where=text("status = 'active' AND terminated_on IS NOT NULL"),
        ),
        ExcludeConstraint(
            ("office_id", "="),
            (
                func.daterange(
                    literal_column("valid_from"),
                    literal_column("greatest(valid_from, least(valid_until + 1, terminated_on))"),
                ),
                "&&",
            ),
            name="ex_contract_days",
            using="gist",
        ),
    )

    @property
    def office(self) -> str:
        """The office's code."""
        return self.site.code


class ContractVersion(Base):
    """The whole contract as a change left it; the app's role may only add and read."""

    __tablename__ = "contract_version"

    contract_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contract.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[Action] = mapped_column(Text)
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class ContractParty(Base):
    """Whom the post has the contract with: personal data, erasable without touching the rest."""

    __tablename__ = "contract_party"

    contract_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contract.id"), primary_key=True)
    name: Mapped[str]
    national_id: Mapped[str | None]
    legal_id: Mapped[str | None]
    phone: Mapped[str | None]


class ExpiryNotice(Base):
    """That this paper's end on `valid_until` was told when `days` or fewer were left."""

    __tablename__ = "expiry_notice"

    paper: Mapped[str] = mapped_column(primary_key=True)
    paper_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    valid_until: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    told_at: Mapped[datetime]
