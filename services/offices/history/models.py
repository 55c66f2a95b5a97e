"""Tables of what offices were, each row a closed period, and of the changes that are to come."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.offices.base import Base
from services.offices.history.domain import Change
from services.offices.registry.domain import OwnerKind


class OfficeAddress(Base):
    """Where an office was before; the app's role may only add and read."""

    __tablename__ = "office_address"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    town: Mapped[str] = mapped_column(ForeignKey("town.slug"))
    address: Mapped[str]
    postal_code: Mapped[str]
    latitude: Mapped[float]
    longitude: Mapped[float]
    reason: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date] = mapped_column(primary_key=True)
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


class OfficeOwner(Base):
    """Who held an office before; `person` names a row of `owner_person`, if it is still there."""

    __tablename__ = "office_owner"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    owner_kind: Mapped[OwnerKind] = mapped_column(Text)
    name: Mapped[str | None]
    person: Mapped[UUID | None]
    reference: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date] = mapped_column(primary_key=True)
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


class OfficePlan(Base):
    """A change dated ahead: gone once it is carried out, cancelled or dropped."""

    __tablename__ = "office_plan"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    change: Mapped[Change] = mapped_column(Text, primary_key=True)
    due_on: Mapped[date]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    planned_by: Mapped[str]
    planned_at: Mapped[datetime]

    __table_args__ = (Index("ix_office_plan_due_on", "due_on", "office_id"),)
