"""Tables of the cases.

The app's role may only add to `case_message`, `case_stage`, `case_party` and `case_snapshot`; of a
message it may blank the complainant's words, through the owner's `case_erase`.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import BIGINT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.complaints.base import Base
from services.complaints.cases.domain import Author, CaseId, case_number
from services.complaints.vocabulary import (
    Actor,
    Category,
    Channel,
    Kind,
    Remedy,
    Severity,
    Stage,
)

NAMED_BY: Final[dict[Kind, tuple[str, ...]]] = {
    "parcel": ("barcode",),
    "office": ("office",),
    "service": ("service", "office"),
    "conduct": ("office", "barcode"),
    "price": ("office", "barcode"),
    "website": ("page",),
}


class Case(Base):
    """About what `kind` says: of `barcode`, `office`, `service` and `page`, those that name it.

    `filed_at`, `answered_at` (first answer, never later) and `closed_at` date the reports;
    `recorded_at` is when the case was written. `lookup_at`: when the sister is to be asked about
    the subject, if it is. `parcel_status` is the parcel's own, at its version `parcel_version`.
    `handling_office` and its `county` say who handles it: the liable office, once that is decided.
    """

    __tablename__ = "complaint_case"

    id: Mapped[int] = mapped_column(BIGINT, Identity(always=True), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[Kind] = mapped_column(Text)
    barcode: Mapped[str | None]
    office: Mapped[str | None]
    service: Mapped[str | None]
    page: Mapped[str | None]
    category: Mapped[Category] = mapped_column(Text)
    channel: Mapped[Channel] = mapped_column(Text)
    remedy: Mapped[Remedy | None] = mapped_column(Text)
    partner: Mapped[str | None]
    severity: Mapped[Severity] = mapped_column(Text)
    status: Mapped[Stage] = mapped_column(Text)
    version: Mapped[int]
    secret_hash: Mapped[bytes]
    message_count: Mapped[int]
    stage_count: Mapped[int]
    joined_count: Mapped[int] = mapped_column(SmallInteger)
    attachment_count: Mapped[int] = mapped_column(SmallInteger)
    reopened_count: Mapped[int] = mapped_column(SmallInteger)
    product: Mapped[str | None]
    handling_office: Mapped[str | None]
    county: Mapped[str | None]
    officer: Mapped[str | None]
    liable_kind: Mapped[str | None]
    liable_code: Mapped[str | None]
    liable_office: Mapped[str | None]
    parcel_status: Mapped[str | None]
    parcel_version: Mapped[int | None] = mapped_column(BIGINT)
    snapshot_pending: Mapped[bool]
    lookup_at: Mapped[datetime | None]
    filed_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    assessed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    messages: Mapped[list["Message"]] = relationship(lazy="raise", order_by="Message.nth")
    stages: Mapped[list["StageRow"]] = relationship(lazy="raise", order_by="StageRow.nth")
    complainants: Mapped[list["Complainant"]] = relationship(
        lazy="raise", order_by="Complainant.party"
    )
    parties: Mapped[list["Party"]] = relationship(lazy="raise", order_by="Party.party")
    snapshot: Mapped["Snapshot | None"] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint(
            "(kind <> 'parcel' OR barcode IS NOT NULL) AND (kind <> 'office' OR office IS NOT NULL)"
            " AND (kind <> 'service' OR service IS NOT NULL)",
            name="about",
        ),
        CheckConstraint(
            "status IN ('received', 'acknowledged', 'assessed', 'investigated', 'answered',"
            " 'accepted', 'contested', 'closed')",
            name="status",
        ),
        CheckConstraint("severity IN ('low', 'normal', 'high', 'critical')", name="severity"),
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
        Index(
            "ix_complaint_case_officer",
            "officer",
            "id",
            postgresql_where=text("officer IS NOT NULL"),
        ),
        # the workload of officers, and the ageing of what is open
        Index(
            "ix_complaint_case_open_officer",
            "officer",
            postgresql_where=text("status <> 'closed' AND officer IS NOT NULL"),
        ),
        Index("ix_complaint_case_open", "filed_at", postgresql_where=text("status <> 'closed'")),
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
    def backfill(self) -> bool:
        return self.filed_at != self.recorded_at

    @property
    def complainant(self) -> "Complainant | None":
        """Who filed it, until that is erased."""
        return next((one for one in self.complainants if one.party == 0), None)

    @property
    def about(self) -> dict[str, str | None]:
        """As the filing had it."""
        return {"kind": self.kind, **{name: getattr(self, name) for name in NAMED_BY[self.kind]}}


class Message(Base):
    """One entry of a case's thread; `account` is the staff account that wrote it.

    `party`: which of the complainants wrote it, or to which alone staff did; `internal`: for staff
    alone. Without text: it was erased.
    """

    __tablename__ = "case_message"

    case_id: Mapped[int] = mapped_column(BIGINT, ForeignKey(Case.id), primary_key=True)
    nth: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    author: Mapped[Author] = mapped_column(Text)
    account: Mapped[str | None]
    party: Mapped[int | None] = mapped_column(SmallInteger)
    internal: Mapped[bool] = mapped_column(Boolean)
    text: Mapped[str | None]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class StageRow(Base):
    """A stage that the case reached: by which act, whose, and when."""

    __tablename__ = "case_stage"

    case_id: Mapped[int] = mapped_column(BIGINT, ForeignKey(Case.id), primary_key=True)
    nth: Mapped[int] = mapped_column(Integer, primary_key=True)
    act: Mapped[str]
    stage: Mapped[Stage] = mapped_column(Text)
    actor: Mapped[Actor] = mapped_column(Text)
    account: Mapped[str | None]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("actor IN ('complainant', 'staff', 'system')", name="actor"),
        Index("ix_case_stage_reopened", "occurred_at", postgresql_where=text("act = 'reopen'")),
    )


class Complainant(Base):
    """A person behind a case, apart so that it can be erased and the case stay.

    Party 0 filed it; others complained of the same parcel later and were joined.
    """

    __tablename__ = "case_complainant"

    case_id: Mapped[int] = mapped_column(BIGINT, ForeignKey(Case.id), primary_key=True)
    party: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str]
    phone: Mapped[str]

    __table_args__ = (Index("ix_case_complainant_phone", "phone", "case_id"),)


class Party(Base):
    """Who was joined to a case, by an own secret; `first_nth` is that one's first message."""

    __tablename__ = "case_party"

    case_id: Mapped[int] = mapped_column(BIGINT, ForeignKey(Case.id), primary_key=True)
    party: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    channel: Mapped[Channel] = mapped_column(Text)
    category: Mapped[Category] = mapped_column(Text)
    first_nth: Mapped[int] = mapped_column(SmallInteger)
    joined_at: Mapped[datetime]
    recorded_at: Mapped[datetime]

    __table_args__ = (Index("ix_case_party_joined_at", "joined_at"),)


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
