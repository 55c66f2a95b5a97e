"""One-time codes by which staff set a password or enrol a device."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from services.gateway.enrolments.domain import Purpose
from shared.tables import timestamp


class Enrolment(Base):
    """At most one is open for an account and purpose; `issued_by` is who answers for it."""

    __tablename__ = "enrolment"
    __table_args__ = (
        Index(
            "uq_enrolment_open",
            "account_id",
            "purpose",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_member.account_id"))
    purpose: Mapped[Purpose] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    issued_by: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(timestamp())
    expires_at: Mapped[datetime] = mapped_column(timestamp())
    ended_at: Mapped[datetime | None] = mapped_column(timestamp())
