"""Files that belong to cases; their bytes are in a folder, see `files`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base
from services.complaints.cases.models import Case


class Attachment(Base):
    """`party` or `account` added it; `internal`: for staff alone. Erased: bytes and name are gone.

    `media_type` is what its bytes say it is.
    """

    __tablename__ = "case_attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Case.id))
    party: Mapped[int | None] = mapped_column(SmallInteger)
    account: Mapped[str | None] = mapped_column(Text)
    internal: Mapped[bool]
    name: Mapped[str | None] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_case_attachment_case_id", "case_id", "id"),)
