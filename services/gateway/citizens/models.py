"""Citizens, who are a phone that answered, and the codes sent to phones."""

import uuid
from datetime import datetime

from sqlalchemy import Index, LargeBinary, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from shared.tables import timestamp


class Citizen(Base):
    """The one place where a citizen's phone is kept."""

    __tablename__ = "citizen"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    phone: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(timestamp())


class OneTimeCode(Base):
    """`phone_key` and `digest` are HMACs: neither the phone nor the code is kept."""

    __tablename__ = "one_time_code"
    __table_args__ = (
        Index("ix_one_time_code_phone_key", "phone_key", "id"),
        Index("ix_one_time_code_expires_at", "expires_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    phone_key: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(timestamp())
    expires_at: Mapped[datetime] = mapped_column(timestamp())
    used_at: Mapped[datetime | None] = mapped_column(timestamp())
