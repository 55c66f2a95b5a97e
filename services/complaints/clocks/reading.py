"""Use cases that read the clocks: a case's, the queue of those that run, the report."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.cases.domain import CaseId, case_number
from services.complaints.cases.models import Case
from services.complaints.clocks import domain, repository, sheets
from services.complaints.clocks.domain import Clock, Measure
from services.complaints.clocks.errors import ClocksUnknown
from services.complaints.clocks.models import CaseClock, CasePause, CasePauseEnd, CaseSla, ClockStep
from services.complaints.clocks.repository import Wanted
from services.complaints.clocks.schemas import (
    ClockOut,
    ClocksOut,
    PauseOut,
    ReportKey,
    ReportOut,
    ReportRow,
    RunningOut,
    StepOut,
)
from services.complaints.clocks.sheets import Sheet
from services.complaints.targets import repository as targets
from shared.calendar import Period
from shared.fields import Instant
from shared.pagination import Page, cut, not_a_cursor

MINUTE: Final = timedelta(minutes=1)
_COUNTED: Final = ("key", "measure", "clocks", "within_target", "late", "running", "breaches")
_Id = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
_Small = Annotated[int, Field(strict=True, ge=0, lt=2**15)]
_CURSOR: Final = TypeAdapter[repository.After](tuple[Instant, _Id, Measure, _Small, _Small])


async def clocks(session: AsyncSession, number: CaseId, now: datetime) -> ClocksOut:
    """A case's clocks as they stand at `now`, its pauses, and all that happened to them."""
    book = await repository.book(session, number.serial, lock=False)
    if book is None or book.case.number != case_number(number):
        raise ClocksUnknown("no case of this number has clocks")
    sheet = await sheets.sheet_of(session, book)
    version = await targets.by_id(session, book.row.version)
    left = domain.allowance(book.state, sheet.desk.terms.caps, sheet.desk.work)
    return ClocksOut(
        number=book.case.number,
        targets=version.code,
        severity=book.row.severity,
        level=book.row.level,
        paused=domain.is_paused(book.state),
        pause_left_minutes=left // MINUTE,
        clocks=[_clock(sheet, book.state.clocks[key], now) for key in _in_order(sheet)],
        pauses=[_pause(*pause) for pause in book.pauses],
        steps=[_step(step) for step in await repository.steps(session, number.serial)],
    )


def _in_order(sheet: Sheet) -> list[domain.Key]:
    """As the measures are named, then as they began."""
    return sorted(sheet.book.clocks, key=lambda key: (domain.MEASURES.index(key.measure), key))


def _clock(sheet: Sheet, clock: Clock, now: datetime) -> ClockOut:
    state = sheet.book.state
    times = domain.times(clock, sheet.desk, state.pauses, now)
    return ClockOut(
        **clock.key._asdict(),
        state=domain.state_of(clock, paused=domain.is_paused(state), now=now),
        started_at=clock.started_at,
        target_minutes=clock.level.minutes,
        due_at=times.due_at,
        elapsed_minutes=times.elapsed // MINUTE,
        remaining_minutes=times.remaining // MINUTE,
        breached_at=clock.breached_at,
        stopped_at=clock.stopped_at,
    )


def _pause(pause: CasePause, end: CasePauseEnd | None) -> PauseOut:
    return PauseOut(
        nth=pause.nth,
        reason=pause.reason,
        capped=pause.capped,
        since=pause.since,
        until=None if end is None else end.until,
        ended_by=None if end is None else end.ended_by,
        account=pause.account,
    )


def _step(step: ClockStep) -> StepOut:
    told: dict[str, Any] = {name: getattr(step, name) for name in StepOut.model_fields}
    return StepOut(**{**told, "nth": step.clock})


async def running(
    session: AsyncSession, wanted: Wanted, page: Page, now: datetime
) -> tuple[list[RunningOut], str | None]:
    """The first due first."""
    try:
        after = None if page.after is None else _CURSOR.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None
    rows = await repository.running(session, wanted, now, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: _key(row[0]))
    return [_running(*row, now) for row in shown], cursor


def _key(clock: CaseClock) -> Sequence[Any]:
    due = None if clock.due_at is None else clock.due_at.isoformat()
    return [due, clock.case_id, clock.measure, clock.nth, clock.level]


def _running(clock: CaseClock, row: CaseSla, case: Case, now: datetime) -> RunningOut:
    overdue = clock.breached_at is not None or (clock.due_at is not None and clock.due_at < now)
    state = "breached" if overdue else "running" if row.paused_since is None else "paused"
    return RunningOut.model_validate(
        {
            "number": case.number,
            "category": case.category,
            "severity": case.severity,
            "channel": case.channel,
            "office": case.handling_office,
            "county": case.county,
            "officer": case.officer,
            "measure": clock.measure,
            "nth": clock.nth,
            "level": clock.level,
            "state": state,
            "started_at": clock.started_at,
            "due_at": clock.due_at,
        }
    )


async def report(session: AsyncSession, period: Period, by: ReportKey, now: datetime) -> ReportOut:
    """First response, updates and resolution within target, by a dimension."""
    months = list(period.months()) if by == "month" else []
    rows = await repository.report(session, months or [period], by, now)
    return ReportOut(period=str(period), by=by, rows=[_row(row) for row in rows])


def _row(counted: RowMapping) -> ReportRow:
    decided, median_s = counted["within_target"] + counted["late"], counted["median_s"]
    return ReportRow(
        **{name: counted[name] for name in _COUNTED},
        share_percent=round(100 * counted["within_target"] / decided, 2) if decided else None,
        median_minutes=None if median_s is None else median_s // 60,
    )
