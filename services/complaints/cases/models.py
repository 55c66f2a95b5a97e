"""Tables of the cases. The app's role may only add to `case_message` and `case_snapshot`."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import BIGINT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.complaints.base import Base
from services.complaints.cases.domain import Author, CaseId, Category, Kind, Status, case_number


class Case(Base):
    """About a parcel (`barcode`) or an office (`office`), one of the two.

    `filed_at`, `answered_at` (first answer) and `closed_at` date the reports; `recorded_at` is when
    the case was written. `lookup_at`: when the sister is to be asked about the subject, if it is.
    `parcel_status` is the parcel's own, at its version `parcel_version`.
    """

    __tablename__ = "complaint_case"

    id: Mapped[int] = mapped_column(BIGINT, Identity(always=True), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[Kind] = mapped_column(Text)
    barcode: Mapped[str | None]
    office: Mapped[str | None]
    category: Mapped[Category] = mapped_column(Text)
    status: Mapped[Status] = mapped_column(Text)
    version: Mapped[int]
    secret_hash: Mapped[bytes]
    message_count: Mapped[int]
    parcel_status: Mapped[str | None]
    parcel_version: Mapped[int | None] = mapped_column(BIGINT)
    snapshot_pending: Mapped[bool]
    lookup_at: Mapped[datetime | None]
    filed_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    messages: Mapped[list["Message"]] = relationship(lazy="raise", order_by="Message.nth")
    complainant: Mapped["Complainant | None"] = relationship(lazy="raise")
    snapshot: Mapped["Snapshot | None"] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint(
            "(kind = 'parcel') = (barcode IS NOT NULL)"
            " AND (kind = 'office') = (office IS NOT NULL)",
            name="about",
        ),
        CheckConstraint("status IN ('received', 'answered', 'closed')", name="status"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        # the consumer of parcels' feed and the look-up of open cases read this alone
        Index(
            "ix_complaint_case_open_barcode",
            "barcode",
            postgresql_where=text("status <> 'closed' AND barcode IS NOT NULL"),
        ),
        Index(
            "ix_complaint_case_lookup_at",
            "lookup_at",
            postgresql_where=text("lookup_at IS NOT NULL"),
        ),
        Index("ix_complaint_case_status", "status", "id"),
        Index(
            "ix_complaint_case_barcode",
            "barcode",
            "id",
            postgresql_where=text("barcode IS NOT NULL"),
        ),
        Index(
            "ix_complaint_case_office", "office", "id", postgresql_where=text("office IS NOT NULL")
        ),
        # the reports count these by period
        Index("ix_complaint_case_filed_at", "filed_at"),
        Index(
            "ix_complaint_case_answered_at",
            "answered_at",
            postgresql_where=text("answered_at IS NOT NULL"),
        ),
        Index(
            "ix_complaint_case_closed_at",
            "closed_at",
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
    )

    @property
    def number(self) -> str:
        return case_number(CaseId(self.year, self.id))

    @property
    def about(self) -> dict[str, str | None]:
        if self.kind == "parcel":
            return {"kind": self.kind, "barcode": self.barcode}
        return {"kind": self.kind, "office": self.office}


class Message(Base):
    """One entry of a case's thread; `account` is the staff account that wrote it."""

    __tablename__ = "case_message"

    case_id: Mapped[int] = mapped_column(BIGINT, ForeignKey(Case.id), primary_key=True)
    nth: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    author: Mapped[Author] = mapped_column(Text)
    account: Mapped[str | None]
    text: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class Complainant(Base):
    """The person behind a case, apart so that it can be erased and the case stay."""

    __tablename__ = "case_complainant"

    case_id: Mapped[int] = mapped_column(BIGINT, ForeignKey(Case.id), primary_key=True)
    name: Mapped[str]
    phone: Mapped[str]


class Snapshot(Base):
    """What the sister said of the subject at `taken_at`; both null: it knows no such subject."""

    __tablename__ = "case_snapshot"

    case_id: Mapped[int] = mapped_column(BIGINT, ForeignKey(Case.id), primary_key=True)
    taken_at: Mapped[datetime]
    at_filing: Mapped[bool]
    parcel: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    office: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    @property
    def found(self) -> bool:
        return self.parcel is not None or self.office is not None
