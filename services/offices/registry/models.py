"""Tables of the registry: towns, offices, and who suspended or reopened which and why."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Sequence, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.base import Base
from services.offices.registry.domain import Kind, Status

OFFICE_NUMBER = Sequence("office_number", metadata=Base.metadata, start=1, maxvalue=99_999)


class Town(Base):
    __tablename__ = "town"

    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]
    county: Mapped[str]
    province: Mapped[str]
    latitude: Mapped[float]
    longitude: Mapped[float]
    population: Mapped[int]
    seat: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class Office(Base):
    """`id` is the number within `code`; `source_key` names the row it was loaded from, if any."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(unique=True)
    source_key: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[Kind] = mapped_column(Text)
    town: Mapped[str] = mapped_column(ForeignKey("town.slug"), index=True)
    address: Mapped[str]
    postal_code: Mapped[str]
    latitude: Mapped[float]
    longitude: Mapped[float]
    hours: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[Status] = mapped_column(Text)
    sorting_centre: Mapped[str | None] = mapped_column(ForeignKey("office.code"), index=True)
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    place: Mapped[Town] = relationship(lazy="raise")

    # a point on the unit sphere: its GiST index gives the nearest first (migration 0002)
    __table_args__ = (
        Index("ix_office_point", text("earth_point(latitude, longitude)"), postgresql_using="gist"),
        Index("ix_office_kind", "kind", "id"),
    )

    @property
    def town_name(self) -> str:
        return self.place.name

    @property
    def county(self) -> str:
        return self.place.county

    @property
    def province(self) -> str:
        return self.place.province


class OfficeStatusChange(Base):
    """One row a suspension or reopening; the app's role may only add and read."""

    __tablename__ = "office_status_change"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[Status] = mapped_column(Text)
    reason: Mapped[str | None]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
