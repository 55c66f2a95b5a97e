"""Tables of accounts and their credentials. They live in the live world, for both worlds."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import UUID, ForeignKey, LargeBinary, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from services.gateway.partners.domain import Kind, Method, Role, Status, World
from shared.tables import timestamp


class Partner(Base):
    """`products`: those that it may book; None: all. `quotas`: requests a minute by class."""

    __tablename__ = "partner"

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True, server_default=text("uuidv7()"))
    kind: Mapped[Kind] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    office: Mapped[str | None] = mapped_column(Text)
    status: Mapped[Status] = mapped_column(Text)
    products: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    quotas: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(timestamp())
    updated_at: Mapped[datetime] = mapped_column(timestamp())


class PartnerContact(Base):
    """Who is to be asked or told; people's data, kept apart from the account."""

    __tablename__ = "partner_contact"

    partner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    role: Mapped[Role] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)


class AccountEquipper(Base):
    """Who opened an account or had one of its credentials in hand: `by_id` could act as it."""

    __tablename__ = "account_equipper"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    by_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    first_at: Mapped[datetime] = mapped_column(timestamp())


class PartnerKey(Base):
    """A credential: an API key, or a client of OAuth that signs or has a certificate.

    `digest` is all that is kept of an API key, beside the `prefix` that people know it by.
    """

    __tablename__ = "partner_key"

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True, server_default=text("uuidv7()"))
    partner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partner.id"), index=True)
    label: Mapped[str] = mapped_column(Text)
    method: Mapped[Method] = mapped_column(Text, server_default=text("'api_key'"))
    prefix: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    jwks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    certificates: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    networks: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    world: Mapped[World] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(timestamp())
    expires_at: Mapped[datetime | None] = mapped_column(timestamp())
    replaced_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("partner_key.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(timestamp())
