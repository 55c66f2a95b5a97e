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
UNNOTICED: Final = text("disabled_reason IN ('gone', 'failing') AND noticed_at IS NULL")
UNFINISHED: Final = text("status IN ('pending', 'waiting')")


class WebhookEndpoint(Base):
    """Where a partner listens. Secrets sign, so they are kept as they are; `failures` in a row.

    `previous_secret` signs as well until its time; `paused_until`: as it asked by `Retry-After`;
    `noticed_at`: its partner was told that the gateway disabled it.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        Index("ix_webhook_endpoint_partner_id", "partner", "id"),
        CheckConstraint(
            "(disabled_at IS NULL) = (disabled_reason IS NULL)"
            " AND disabled_reason IN ('partner', 'gone', 'failing')",
            name="disabled",
        ),
        CheckConstraint("version IN (1, 2)", name="version"),
        CheckConstraint("(previous_secret IS NULL) = (previous_until IS NULL)", name="previous"),
        Index("ix_webhook_endpoint_unnoticed", "id", postgresql_where=UNNOTICED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    partner: Mapped[UUID]
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    description: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(SmallInteger)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[datetime | None] = mapped_column(timestamp())
    failures: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    failing_since: Mapped[datetime | None] = mapped_column(timestamp())
    paused_until: Mapped[datetime | None] = mapped_column(timestamp())
    created_at: Mapped[datetime] = mapped_column(timestamp())
    disabled_at: Mapped[datetime | None] = mapped_column(timestamp())
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    noticed_at: Mapped[datetime | None] = mapped_column(timestamp())


class WebhookDelivery(Base):
    """One event of one parcel for one endpoint. `seq` is the order in which they are sent.

    `sequence` is the event's number in its partner's feed; `attempts_before` those before the last
    replay, since when the schedule runs anew.
    """

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
            "ix_webhook_delivery_dead",
            "endpoint",
            "seq",
            postgresql_where=text("status = 'dead'"),
        ),
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
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    attempts_before: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    next_attempt_at: Mapped[datetime | None] = mapped_column(timestamp())
    leased_until: Mapped[datetime | None] = mapped_column(timestamp())
    last_status: Mapped[int | None] = mapped_column(SmallInteger)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(timestamp())
    finished_at: Mapped[datetime | None] = mapped_column(timestamp())


class WebhookAttempt(Base):
    """What came of one attempt; `answer` is how the answer's body began."""

    __tablename__ = "webhook_attempt"

    delivery: Mapped[UUID] = mapped_column(
        ForeignKey("webhook_delivery.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(timestamp())
    elapsed_ms: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    error: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
