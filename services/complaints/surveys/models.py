"""Tables of the surveys. Of answers the app's role may only add; words can be erased."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import BIGINT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.complaints.base import Base
from services.complaints.surveys.domain import Category, Coder, Kind


class Rule(Base):
    """What share of deliveries is asked about; of an office and a product, or null for all."""

    __tablename__ = "survey_rule"

    id: Mapped[int] = mapped_column(BIGINT, Identity(always=True), primary_key=True)
    office: Mapped[str | None]
    product: Mapped[str | None]
    rate_basis_points: Mapped[int] = mapped_column(Integer)
    seed: Mapped[str]
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]

    __table_args__ = (
        CheckConstraint("rate_basis_points BETWEEN 0 AND 10000", name="rate"),
        CheckConstraint("valid_until >= valid_from", name="days"),
    )


class Invitation(Base):
    """Asks about a delivery (`subject` a barcode) or a closed case (its number).

    `occurred_at` is when it was delivered or closed; `month` the first day of that Jalali month.
    """

    __tablename__ = "survey_invitation"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    nth: Mapped[int] = mapped_column(BIGINT, Identity(always=True))
    kind: Mapped[Kind] = mapped_column(Text)
    subject: Mapped[str]
    office: Mapped[str | None]
    product: Mapped[str | None]
    month: Mapped[date] = mapped_column(Date)
    occurred_at: Mapped[datetime]
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    secret_hash: Mapped[bytes]
    withdrawn_at: Mapped[datetime | None]

    answer: Mapped["Answer | None"] = relationship(lazy="raise", back_populates="invitation")

    __table_args__ = (
        UniqueConstraint("nth"),
        CheckConstraint("kind IN ('delivery', 'case')", name="kind"),
        Index("ix_survey_invitation_subject", "subject", "nth"),
        Index("ix_survey_invitation_kind", "kind", "nth"),
        Index("ix_survey_invitation_office", "office", "month"),
    )


class Answer(Base):
    __tablename__ = "survey_answer"

    invitation_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey(Invitation.id), primary_key=True)
    nth: Mapped[int] = mapped_column(BIGINT, Identity(always=True))
    score: Mapped[int] = mapped_column(SmallInteger)
    answered_at: Mapped[datetime]
    recorded_at: Mapped[datetime]

    invitation: Mapped[Invitation] = relationship(lazy="raise", back_populates="answer")
    said: Mapped["Words | None"] = relationship(lazy="raise", passive_deletes="all")
    coded: Mapped[list["Coded"]] = relationship(
        lazy="raise", viewonly=True, order_by="Coded.category"
    )

    __table_args__ = (
        UniqueConstraint("nth"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    )

    @property
    def words(self) -> str | None:
        return None if self.said is None else self.said.words

    @property
    def categories(self) -> list[Category]:
        return [one.category for one in self.coded]


class Words(Base):
    """What someone said, apart so that it can be erased and the score stay."""

    __tablename__ = "survey_words"

    invitation_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey(Answer.invitation_id), primary_key=True
    )
    words: Mapped[str]
    folded: Mapped[str]

    __table_args__ = (
        Index(
            "ix_survey_words_folded",
            text("to_tsvector('simple'::regconfig, folded)"),
            postgresql_using="gin",
        ),
    )


class Coded(Base):
    """A category of an answer that is not satisfied, by the keywords or by staff."""

    __tablename__ = "survey_category"

    invitation_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey(Answer.invitation_id), primary_key=True
    )
    category: Mapped[Category] = mapped_column(Text, primary_key=True)
    coded_by: Mapped[Coder] = mapped_column(Text)

    __table_args__ = (CheckConstraint("coded_by IN ('keywords', 'staff')", name="coded_by"),)


class Keyword(Base):
    """Folded; a trailing `*` stands for any ending."""

    __tablename__ = "survey_keyword"

    keyword: Mapped[str] = mapped_column(Text, primary_key=True)
    category: Mapped[Category] = mapped_column(Text)
