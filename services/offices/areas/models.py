"""Tables of service areas: which postal codes an office delivers to."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import INT8RANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from services.offices.base import Base


class Area(Base):
    """One row an office that ever had an area; its ranges are `area_range`."""

    __tablename__ = "area"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    version: Mapped[int]
    updated_at: Mapped[datetime]


class AreaRange(Base):
    """Postal codes as numbers, [lower, upper); ranges of one office neither meet nor overlap."""

    __tablename__ = "area_range"

    office_id: Mapped[int] = mapped_column(ForeignKey("area.office_id"), primary_key=True)
    codes: Mapped[Range[int]] = mapped_column(INT8RANGE, primary_key=True)

    __table_args__ = (Index("ix_area_range_codes", "codes", postgresql_using="gist"),)
