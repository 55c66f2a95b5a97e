"""How often somebody guessed at a recipient's phone."""

from datetime import date

from sqlalchemy import BigInteger, Date, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base


class RecipientTry(Base):
    """By the day in Tehran."""

    __tablename__ = "recipient_try"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    tries: Mapped[int] = mapped_column(SmallInteger)
