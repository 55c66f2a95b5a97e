"""Table of what accounts asked."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Date, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.base import Base
from shared.auth import World


class UsageDaily(Base):
    """Requests of an account on a day of Tehran, of both worlds; in the live database."""

    __tablename__ = "usage_daily"
    __table_args__ = (Index("ix_usage_daily_day", "day"),)

    account: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    world: Mapped[World] = mapped_column(Text, primary_key=True)
    class_: Mapped[str] = mapped_column("class", Text, primary_key=True)
    answered: Mapped[int] = mapped_column(BigInteger)
    refused_limit: Mapped[int] = mapped_column(BigInteger)
    failed: Mapped[int] = mapped_column(BigInteger)
