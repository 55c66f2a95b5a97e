"""Tables of webhooks: endpoints, and a row for every delivery, which is both queue and log.

Of the unfinished deliveries of one parcel to one endpoint only the first is `pending`; the others
are `waiting` until it is delivered or dead, so the queue never looks at what may not be sent yet.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from shared.tables import timestamp

PENDING: Final = text("status = 'pending'")
UNFINISHED: Final = text("status IN ('pending', 'waiting')")


class WebhookEndpoint(Base):
    """Where a partner listens. `secret` signs, so it is kept as it is; `failures` in a row."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        Index("ix_webhook_endpoint_partner_id", "partner", "id"),
        CheckConstraint(
            "(disabled_at IS NULL) = (disabled_reason IS NULL)"
            " AND disabled_reason IN ('partner', 'gone')",
            name="disabled",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    partner: Mapped[UUID]
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    description: Mapped[str | None] = mapped_column(Text)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    failures: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(timestamp())
    disabled_at: Mapped[datetime | None] = mapped_column(timestamp())
    disabled_reason: Mapped[str | None] = mapped_column(Text)


class WebhookDelivery(Base):
    """One event of one parcel for one endpoint. `seq` is the feed's order."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'pending', 'delivered', 'dead')", name="status"),
        CheckConstraint("(status = 'pending') = (next_attempt_at IS NOT NULL)", name="due"),
        CheckConstraint(
            "(status IN ('delivered', 'dead')) = (finished_at IS NOT NULL)", name="finished"
        ),
        CheckConstraint("leased_until IS NULL OR status = 'pending'", name="leased"),
        Index(
            "ix_webhook_delivery_due",
            "endpoint",
            "next_attempt_at",
            "seq",
            postgresql_where=PENDING,
        ),
        Index(
            "uq_webhook_delivery_head",
            "endpoint",
            "subject",
            unique=True,
            postgresql_where=PENDING,
        ),
        Index(
            "ix_webhook_delivery_unfinished",
            "endpoint",
            "subject",
            "seq",
            postgresql_where=UNFINISHED,
        ),
        Index(
            "ix_webhook_delivery_leased",
            "endpoint",
            postgresql_where=text("leased_until IS NOT NULL"),
        ),
        Index("ix_webhook_delivery_log", "endpoint", "seq"),
        Index(
            "ix_webhook_delivery_finished_at",
            "finished_at",
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    endpoint: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id"))
    type: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    next_attempt_at: Mapped[datetime | None] = mapped_column(timestamp())
    leased_until: Mapped[datetime | None] = mapped_column(timestamp())
    last_status: Mapped[int | None] = mapped_column(SmallInteger)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(timestamp())
    finished_at: Mapped[datetime | None] = mapped_column(timestamp())
