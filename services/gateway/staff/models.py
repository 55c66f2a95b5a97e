"""What an account of staff signs in by. Name, phone, office and status are the account's own."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from services.gateway.roles.domain import RoleName
from shared.tables import timestamp


class StaffMember(Base):
    """`totp_secret` is sealed; `totp_step` is the last one that was accepted.

    `partner_id`: the account that a person of a partner acts for.
    """

    __tablename__ = "staff_member"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    login: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[RoleName] = mapped_column(Text)
    partner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("partner.id"))
    password_hash: Mapped[str | None] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    locked_until: Mapped[datetime | None] = mapped_column(timestamp())
    totp_secret: Mapped[str | None] = mapped_column(Text)
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(timestamp())
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(timestamp())
    updated_at: Mapped[datetime] = mapped_column(timestamp())
