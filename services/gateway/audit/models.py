"""The audit's tables. The app may add entries and checkpoints, and change or erase neither."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from shared.tables import timestamp


class AuditEntry(Base):
    """One thing done. `time` and `data` are kept as the text that was hashed."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("chain", "event"),
        Index("ix_audit_entry_type", "chain", "type", "seq"),
    )

    chain: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text)
    event: Mapped[uuid.UUID]
    type: Mapped[str] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text)
    time: Mapped[str] = mapped_column(Text)
    data: Mapped[str] = mapped_column(Text)
    prev: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditHead(Base):
    """Where a chain ends, signed; `checked_seq` is where it ended at the last checkpoint."""

    __tablename__ = "audit_head"

    chain: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[str] = mapped_column(Text)
    checked_seq: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class AuditCheckpoint(Base):
    """The heads that moved since the one before; a chain of its own, written to a file too."""

    __tablename__ = "audit_checkpoint"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(timestamp())
    heads: Mapped[str] = mapped_column(Text)
    prev: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[str] = mapped_column(Text)
