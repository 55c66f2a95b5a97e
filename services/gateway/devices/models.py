"""Enrolled devices of clerks and couriers."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from shared.tables import timestamp


class Device(Base):
    """`public_key` is a JWK, whose private part never left the device. A PIN opens it alone."""

    __tablename__ = "device"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.account_id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    public_key: Mapped[str] = mapped_column(Text)
    pin_hash: Mapped[str] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary)
    challenge_until: Mapped[datetime | None] = mapped_column(timestamp())
    enrolled_at: Mapped[datetime] = mapped_column(timestamp())
    enrolled_by: Mapped[str] = mapped_column(Text)
    revoked_at: Mapped[datetime | None] = mapped_column(timestamp())
