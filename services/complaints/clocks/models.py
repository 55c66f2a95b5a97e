"""The clocks of a case, and what happened to them.

To `clock_step`, `case_pause` and `case_pause_end` the app's role may only add: a breach, a reminder
or a pause that is on record stays there.
"""

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.complaints.base import Base
from services.complaints.cases.models import Case
from services.complaints.clocks.domain import EndedBy, Kind, Measure
from services.complaints.targets.models import SlaVersion
from services.complaints.vocabulary import Category, Severity


class CaseSla(Base):
    """What the clocks of a case have in common; its row is locked before any of them changes.

    `category`, `severity`: under whose targets they are. `live`: a clock runs. `next_at`: when the
    next thing is due (reminder, breach, end of a pause), reckoned under the calendar that had
    `reckoned` changes. `level`: how far it is escalated.
    `pauses`, `steps`: how many are on record.
    """

    __tablename__ = "case_sla"

    case_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(Case.id), primary_key=True, autoincrement=False
    )
    version: Mapped[int] = mapped_column(BigInteger, ForeignKey(SlaVersion.id))
    category: Mapped[Category] = mapped_column(Text)
    severity: Mapped[Severity] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    live: Mapped[bool]
    paused_since: Mapped[datetime | None]
    pauses: Mapped[int] = mapped_column(SmallInteger)
    steps: Mapped[int] = mapped_column(Integer)
    reckoned: Mapped[int] = mapped_column(BigInteger)
    next_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_case_sla_next_at", "next_at", "case_id", postgresql_where=text("live")),
        Index("ix_case_sla_reckoned", "reckoned", postgresql_where=text("live")),
    )


class CaseClock(Base):
    """One clock: the `nth` of its measure, at an escalation level.

    `due_at` null: not within a year. `breached_at`: the due time that passed, not when it was seen.
    """

    __tablename__ = "case_clock"

    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(CaseSla.case_id), primary_key=True)
    measure: Mapped[Measure] = mapped_column(Text, primary_key=True)
    nth: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    started_at: Mapped[datetime]
    target_minutes: Mapped[int] = mapped_column(Integer)
    remind_minutes: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    due_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    elapsed_s: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        CheckConstraint("measure IN ('first_response', 'update', 'resolution')", name="measure"),
        CheckConstraint("(stopped_at IS NULL) = (elapsed_s IS NULL)", name="elapsed"),
        Index(
            "ix_case_clock_due_at",
            "due_at",
            "case_id",
            "measure",
            "nth",
            "level",
            postgresql_where=text("stopped_at IS NULL"),
        ),
        Index("ix_case_clock_started_at", "started_at", postgresql_where=text("level = 0")),
    )


class ClockStep(Base):
    """Something that happened to a clock, at `at`; `clock` is the clock's `nth`.

    `minutes`: of a reminder, how long before the due time; of `started`, `retargeted` and
    `escalated`, the target; else 0. A reminder and a breach are once on record, by the index.
    """

    __tablename__ = "clock_step"

    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(CaseSla.case_id), primary_key=True)
    nth: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[Kind] = mapped_column(Text)
    measure: Mapped[Measure] = mapped_column(Text)
    clock: Mapped[int] = mapped_column(SmallInteger)
    level: Mapped[int] = mapped_column(SmallInteger)
    minutes: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime | None]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    account: Mapped[str | None]
    reason: Mapped[str | None]

    __table_args__ = (
        Index(
            "ix_clock_step_once",
            "case_id",
            "measure",
            "clock",
            "level",
            "kind",
            "minutes",
            unique=True,
            postgresql_where=text("kind IN ('reminded', 'breached')"),
        ),
    )


class CasePause(Base):
    """Waiting for the complainant, since when and why; `capped`: only so much of it counts."""

    __tablename__ = "case_pause"

    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(CaseSla.case_id), primary_key=True)
    nth: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    reason: Mapped[str]
    capped: Mapped[bool]
    since: Mapped[datetime]
    recorded_at: Mapped[datetime]
    account: Mapped[str | None]


class CasePauseEnd(Base):
    __tablename__ = "case_pause_end"

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    nth: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    until: Mapped[datetime]
    ended_by: Mapped[EndedBy] = mapped_column(Text)
    recorded_at: Mapped[datetime]
    account: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["case_id", "nth"],
            [CasePause.case_id, CasePause.nth],
            name="fk_case_pause_end_case_id",
        ),
    )
