"""Assertions that were used: each is good for one token."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from services.gateway.partners.models import PartnerKey
from shared.tables import timestamp


class ClientAssertion(Base):
    """`jti`: its SHA-256. Kept until the assertion would be refused for its age."""

    __tablename__ = "client_assertion"

    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(PartnerKey.id), primary_key=True)
    jti: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(timestamp(), index=True)
