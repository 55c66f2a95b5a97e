"""Roll-ups of the surveys, and a small replica of the offices that they are grouped by."""

from datetime import date

from sqlalchemy import Date, Text
from sqlalchemy.dialects.postgresql import BIGINT
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base


class SatisfactionMonth(Base):
    """By the Jalali month (its first day) of the delivery or closing, not of the answer.

    So a month's answers are of those that it invited. `occasions`: all that might have been asked
    about, invited or not. `office` and `product` are empty where unknown.
    """

    __tablename__ = "satisfaction_month"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    office: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(Text, primary_key=True)
    occasions: Mapped[int] = mapped_column(BIGINT)
    invited: Mapped[int] = mapped_column(BIGINT)
    score_1: Mapped[int] = mapped_column(BIGINT)
    score_2: Mapped[int] = mapped_column(BIGINT)
    score_3: Mapped[int] = mapped_column(BIGINT)
    score_4: Mapped[int] = mapped_column(BIGINT)
    score_5: Mapped[int] = mapped_column(BIGINT)


class SatisfactionReason(Base):
    """How many answers that are not satisfied have a category; one may have several."""

    __tablename__ = "satisfaction_reason"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    office: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(Text, primary_key=True)
    category: Mapped[str] = mapped_column(Text, primary_key=True)
    answers: Mapped[int] = mapped_column(BIGINT)


class SatisfactionOffice(Base):
    """An office as its events told last."""

    __tablename__ = "satisfaction_office"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str]
    county: Mapped[str]
    version: Mapped[int] = mapped_column(BIGINT)
