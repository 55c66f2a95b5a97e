"""Tables of the registry: towns, offices, and who suspended, reopened or closed which and why."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, FetchedValue, ForeignKey, Index, Sequence, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.base import Base
from services.offices.registry.domain import Capability, Kind, OwnerKind, Status

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
    """What an office is today; what it was is in the tables of the slice `history`.

    `id` is the number within `code`; `source_key` names the row it was loaded from, if any. The
    dates `…_since` are the first day of what is so today, null where nobody knows it. `gate` is
    whether it may book (slice gate), to be looked at again at `next_gate_at`.
    """

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
    capacity_per_day: Mapped[int | None]
    capabilities: Mapped[list[Capability]] = mapped_column(
        ARRAY(Text), server_default=text("'{counter}'")
    )
    owner_kind: Mapped[OwnerKind | None] = mapped_column(Text)
    owner_name: Mapped[str | None]
    owner_person: Mapped[UUID | None]
    owner_since: Mapped[date | None]
    founded_on: Mapped[date | None]
    kind_since: Mapped[date | None]
    address_since: Mapped[date | None]
    search_text: Mapped[str]
    gate: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=FetchedValue())
    next_gate_at: Mapped[datetime | None] = mapped_column(server_default=FetchedValue())
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    place: Mapped[Town] = relationship(lazy="raise")

    __table_args__ = (
        # a point on the unit sphere: its GiST index gives the nearest first (migration 0002)
        Index("ix_office_point", text("earth_point(latitude, longitude)"), postgresql_using="gist"),
        # Persian alphabetical: by bytes (COLLATE "C", migration 0003), which reflection hides
        Index("ix_office_name_key", text("fa_key(name)"), "id"),
        Index("ix_office_updated_at", "updated_at", "id"),
        Index("ix_office_kind", "kind", "id"),
        Index(
            "ix_office_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
        Index(
            "ix_office_next_gate_at",
            "next_gate_at",
            postgresql_where=text("next_gate_at IS NOT NULL"),
        ),
    )

    @property
    def owner(self) -> dict[str, str | None] | None:
        """For the public: a company by its name, a person without."""
        return self.owner_kind and {"kind": self.owner_kind, "name": self.owner_name}

    @property
    def town_name(self) -> str:
        return self.place.name

    @property
    def county(self) -> str:
        return self.place.county

    @property
    def province(self) -> str:
        return self.place.province


class SearchWord(Base):
    """A word that was ever in an office's `search_text`, for those who misspell it."""

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (
        Index(
            "ix_search_word_word",
            "word",
            postgresql_using="gist",
            postgresql_ops={"word": "gist_trgm_ops"},
        ),
    )


class OwnerPerson(Base):
    """The name of a holder who is a person; nowhere else, so that it can be erased."""

    __tablename__ = "owner_person"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    name: Mapped[str]


class OfficeKindPeriod(Base):
    """What kind an office was before; the app's role may only add and read."""

    __tablename__ = "office_kind_period"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(Text)
    reference: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date] = mapped_column(primary_key=True)
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


class OfficeStatusChange(Base):
    """One row a suspension, reopening or closing; the app's role may only add and read."""

    __tablename__ = "office_status_change"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[Status] = mapped_column(Text)
    reason: Mapped[str | None]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
