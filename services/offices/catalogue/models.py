"""Tables of the catalogue: whose services offices do, at what price, which office, by what rule."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.offices.base import Base
from services.offices.registry.models import Office


class Principal(Base):
    """A body on whose behalf offices serve."""

    __tablename__ = "principal"

    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DelegatedService(Base):
    """A service of the catalogue: `delegated` by a principal, or one of the counter's own.

    `search_text` is what a search looks in: names and code, folded.
    """

    __tablename__ = "delegated_service"

    code: Mapped[str] = mapped_column(primary_key=True)
    principal: Mapped[str] = mapped_column(ForeignKey("principal.slug"))
    name: Mapped[str]
    name_en: Mapped[str]
    search_text: Mapped[str]
    documents: Mapped[list[str]] = mapped_column(JSONB)
    duration_minutes: Mapped[int]
    delegated: Mapped[bool] = mapped_column(Boolean)
    electronic: Mapped[bool] = mapped_column(Boolean)
    at_counter: Mapped[bool] = mapped_column(Boolean)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    prices: Mapped[list["ServicePrice"]] = relationship(
        lazy="raise", order_by="ServicePrice.valid_from"
    )

    __table_args__ = (Index("ix_delegated_service_principal_code", "principal", "code"),)


class ServicePrice(Base):
    """What a service costs from a day on, until the next price; the past stays."""

    __tablename__ = "service_price"

    service: Mapped[str] = mapped_column(ForeignKey("delegated_service.code"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    fee_rials: Mapped[int] = mapped_column(BigInteger)
    office_share_rials: Mapped[int] = mapped_column(BigInteger)


class Offering(Base):
    """An office offers a service from a day to a day; never twice on one day."""

    __tablename__ = "offering"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, server_default=text("uuidv7()"))
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    service: Mapped[str] = mapped_column(ForeignKey("delegated_service.code"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    host: Mapped[Office] = relationship(lazy="raise")
    offered: Mapped[DelegatedService] = relationship(lazy="raise")

    __table_args__ = (
        ExcludeConstraint(
            ("office_id", "="),
            ("service", "="),
            (func.daterange(text("valid_from"), text("valid_until"), text("'[]'")), "&&"),
            name="ex_offering_once",
            using="gist",
        ),
        Index("ix_offering_office_id_id", "office_id", "id"),
        Index("ix_offering_service_office_id", "service", "office_id"),
    )

    @property
    def office(self) -> str:
        return self.host.code


class KindRule(Base):
    """Offices of `kind` offer at least `at_least` of `services`; `source` is the regulation."""

    __tablename__ = "kind_rule"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, server_default=text("uuidv7()"))
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(Text, index=True)
    services: Mapped[list[str]] = mapped_column(ARRAY(Text))
    at_least: Mapped[int]
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RuleBreach(Base):
    """An office found below a rule and told so; `mended_at` is null while it still is."""

    __tablename__ = "rule_breach"

    rule_id: Mapped[UUID] = mapped_column(ForeignKey("kind_rule.id"), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    told_at: Mapped[datetime] = mapped_column(primary_key=True)
    mended_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_rule_breach_open",
            "rule_id",
            "office_id",
            unique=True,
            postgresql_where=text("mended_at IS NULL"),
        ),
    )
