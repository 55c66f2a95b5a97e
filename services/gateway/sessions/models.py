"""Sessions of staff and of citizens. They live in the live world, for both worlds."""

import uuid
from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from services.gateway.sessions.domain import EndReason, SessionKind
from shared.auth import World
from shared.tables import timestamp


class LoginSession(Base):
    """`digest` is all that is kept of its token. `strong`: its second factor was given."""

    __tablename__ = "login_session"
    __table_args__ = (
        Index("ix_login_session_account_id", "account_id", "id"),
        Index("ix_login_session_expires_at", "expires_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    kind: Mapped[SessionKind] = mapped_column(Text)
    account_id: Mapped[uuid.UUID]
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("device.id"))
    world: Mapped[World] = mapped_column(Text)
    strong: Mapped[bool] = mapped_column(Boolean)
    idle_s: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(timestamp())
    seen_at: Mapped[datetime] = mapped_column(timestamp())
    expires_at: Mapped[datetime] = mapped_column(timestamp())
    ended_at: Mapped[datetime | None] = mapped_column(timestamp())
    ended_reason: Mapped[EndReason | None] = mapped_column(Text)
