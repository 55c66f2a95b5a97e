"""What recipients are told. A message names nobody: phone and text are put together when sent."""

import uuid
from datetime import datetime, time

from sqlalchemy import BigInteger, Index, Integer, SmallInteger, Text, Time, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class Message(Base):
    """One thing to tell of one event; the key makes it once."""

    __tablename__ = "message"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(timestamp())
    status: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(timestamp())
    attempts: Mapped[int] = mapped_column(Integer)
    queued_at: Mapped[datetime] = mapped_column(timestamp())
    settled_at: Mapped[datetime | None] = mapped_column(timestamp())
    provider_id: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_message_due", "due_at", postgresql_where=text("status = 'queued'")),
    )


class MessageTemplate(Base):
    """The words, with places for `{barcode}` and the like."""

    __tablename__ = "message_template"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(timestamp())


class QuietHours(Base):
    """From when until when (Tehran) nobody is written to; equal: at no time."""

    __tablename__ = "quiet_hours"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    quiet_from: Mapped[time] = mapped_column(Time)
    quiet_until: Mapped[time] = mapped_column(Time)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(timestamp())
