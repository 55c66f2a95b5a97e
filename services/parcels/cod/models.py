"""Cash taken at delivery, item by item: where its money is now.

Takings go with their items: no foreign keys.
"""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.parcels.base import Base
from shared.tables import timestamp


class CashHolder(Base):
    """Who has cash or is due some, by ledger account; its lock goes before those of takings.

    `carried_rials` is what the account holds beyond its takings: miscounts, clawed back sums.
    """

    __tablename__ = "cash_holder"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    carried_rials: Mapped[int] = mapped_column(BigInteger)


class CodTaking(Base):
    """One taking of an item's cash; `taking` counts them, for one may be reversed and come again.

    `collector` names the courier; None where the office itself took it at its counter.
    """

    __tablename__ = "cod_taking"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    taking: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    partner: Mapped[uuid.UUID]
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    office: Mapped[int] = mapped_column(Integer)
    collector: Mapped[str | None] = mapped_column(Text)
    event_id: Mapped[uuid.UUID]
    place: Mapped[int] = mapped_column(SmallInteger)
    taken_at: Mapped[datetime] = mapped_column(timestamp())
    hand_in: Mapped[uuid.UUID | None]
    drawer_close: Mapped[uuid.UUID | None]
    payment_order: Mapped[uuid.UUID | None]
    reversed_at: Mapped[datetime | None] = mapped_column(timestamp())

    __table_args__ = (
        Index(
            "ix_cod_taking_collector",
            "collector",
            "item_id",
            "taking",
            postgresql_where=text("place = 1"),
        ),
        Index(
            "ix_cod_taking_office",
            "office",
            "item_id",
            "taking",
            postgresql_where=text("place = 2"),
        ),
        Index(
            "ix_cod_taking_due",
            "partner",
            "item_id",
            "taking",
            postgresql_where=text("place = 3"),
        ),
        Index(
            "ix_cod_taking_payment_order",
            "payment_order",
            "item_id",
            "taking",
            postgresql_where=text("payment_order IS NOT NULL"),
        ),
        Index("ix_cod_taking_partner", "partner", "item_id", "taking"),
    )
