"""The directions of items that are not domestic."""

from sqlalchemy import BigInteger, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base


class ItemDirection(Base):
    """Of an item that is not domestic: incoming, outgoing or transit."""

    __tablename__ = "item_direction"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    direction: Mapped[int] = mapped_column(SmallInteger)
