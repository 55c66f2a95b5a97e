"""SQL of the clocks; a case's are loaded whole, under the lock of its `case_sla` row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Row, RowMapping, and_, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.cases.models import Case
from services.complaints.clocks.domain import (
    Clock,
    Key,
    Kind,
    Level,
    Measure,
    Pause,
    QueueState,
    State,
    Times,
)
from services.complaints.clocks.models import (
    CaseClock,
    CasePause,
    CasePauseEnd,
    CaseSla,
    ClockStep,
)
from shared.calendar import Period

STEPS_SHOWN_MAX: Final = 1_000


@dataclass(slots=True)
class Book:
    """A case's clocks: their rows, and the state that these say."""

    case: Case
    row: CaseSla
    clocks: dict[Key, CaseClock] = field(default_factory=dict)
    pauses: list[tuple[CasePause, CasePauseEnd | None]] = field(default_factory=list)
    state: State = field(default_factory=State)


def new_book(session: AsyncSession, case: Case, row: CaseSla) -> Book:
    session.add(row)
    return Book(case, row)


async def book(session: AsyncSession, case_id: int, *, lock: bool = True) -> Book | None:
    """None: the case has no clocks."""
    query = select(CaseSla, Case).join(Case, Case.id == CaseSla.case_id)
    query = query.where(CaseSla.case_id == case_id)
    if lock:
        query = query.with_for_update(of=CaseSla)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    made = Book(found[1], found[0])
    await _read(session, made)
    return made


async def _read(session: AsyncSession, made: Book) -> None:
    case_id = made.row.case_id
    rows = await session.scalars(select(CaseClock).where(CaseClock.case_id == case_id))
    made.clocks = {Key(row.measure, row.nth, row.level): row for row in rows}
    made.pauses = list(await pauses(session, case_id))
    told = await _told(session, case_id)
    clocks = {key: _clock(key, row, told) for key, row in made.clocks.items()}
    made.state = State(clocks, [_pause(*pause) for pause in made.pauses])


async def pauses(
    session: AsyncSession, case_id: int
) -> Sequence[tuple[CasePause, CasePauseEnd | None]]:
    """In the order in which they began."""
    of_end = and_(CasePauseEnd.case_id == CasePause.case_id, CasePauseEnd.nth == CasePause.nth)
    query = (
        select(CasePause, CasePauseEnd)
        .outerjoin(CasePauseEnd, of_end)
        .where(CasePause.case_id == case_id)
        .order_by(CasePause.nth)
    )
    return [(pause, end) for pause, end in await session.execute(query)]


def _pause(row: CasePause, end: CasePauseEnd | None) -> Pause:
    return Pause(row.since, None if end is None else end.until, row.capped)


Told = Mapping[tuple[Key, Kind], Mapping[int, datetime]]
"""Reminders by their minutes, and breaches, when they were due."""


async def _told(session: AsyncSession, case_id: int) -> Told:
    """From the record, which nobody can change; `case_clock` only repeats it."""
    once = ClockStep.kind.in_(("reminded", "breached"))
    found: dict[tuple[Key, Kind], dict[int, datetime]] = {}
    for step in await session.scalars(select(ClockStep).where(ClockStep.case_id == case_id, once)):
        key = Key(step.measure, step.clock, step.level)
        found.setdefault((key, step.kind), {})[step.minutes] = step.at
    return found


def _clock(key: Key, row: CaseClock, told: Told) -> Clock:
    breaches = told.get((key, "breached"), {})
    return Clock(
        key,
        row.started_at,
        Level(row.target_minutes, tuple(row.remind_minutes)),
        row.due_at,
        next(iter(breaches.values()), None),
        row.stopped_at,
        frozenset(told.get((key, "reminded"), ())),
    )


def save_clocks(
    session: AsyncSession, book: Book, state: State, stopped: Mapping[Key, Times]
) -> None:
    """The rows say what the state says; `stopped`: the times of the clocks that stand."""
    for key, clock in state.clocks.items():
        row = book.clocks.get(key)
        if row is None:
            row = book.clocks[key] = CaseClock(case_id=book.row.case_id, **key._asdict())
            row.started_at = clock.started_at
            session.add(row)
        row.target_minutes, row.remind_minutes = clock.level.minutes, list(clock.level.remind)
        row.due_at, row.breached_at = clock.due_at, clock.breached_at
        row.stopped_at = clock.stopped_at
        row.elapsed_s = int(stopped[key].elapsed.total_seconds()) if key in stopped else None
    book.state = state


async def add_step(session: AsyncSession, book: Book, step: ClockStep) -> None:
    book.row.steps += 1
    step.case_id, step.nth = book.row.case_id, book.row.steps
    session.add(step)
    await session.flush()


async def add_pause(session: AsyncSession, book: Book, pause: CasePause) -> None:
    book.row.pauses += 1
    pause.case_id, pause.nth = book.row.case_id, book.row.pauses
    session.add(pause)
    book.pauses.append((pause, None))
    await session.flush()


async def end_pause(session: AsyncSession, book: Book, end: CasePauseEnd) -> None:
    pause, _ = book.pauses[-1]
    end.case_id, end.nth = pause.case_id, pause.nth
    session.add(end)
    book.pauses[-1] = (pause, end)
    await session.flush()


async def claim(
    session: AsyncSession, until: datetime, changes: int, passed_over: Sequence[int]
) -> int | None:
    """A case with something due before `until`, or reckoned under an older calendar; locked.

    Another worker's are left to it.
    """
    row = (
        await session.execute(_CLAIM_DUE, {"until": until, "passed_over": list(passed_over)})
    ).scalar()
    if row is None:
        row = (
            await session.execute(
                _CLAIM_STALE, {"changes": changes, "passed_over": list(passed_over)}
            )
        ).scalar()
    return row


_CLAIM_DUE: Final = text("""
SELECT case_id FROM case_sla
WHERE live AND next_at < :until AND case_id <> ALL (CAST(:passed_over AS bigint[]))
ORDER BY next_at, case_id LIMIT 1 FOR UPDATE SKIP LOCKED
""")
_CLAIM_STALE: Final = text("""
SELECT case_id FROM case_sla
WHERE live AND reckoned < :changes AND case_id <> ALL (CAST(:passed_over AS bigint[]))
LIMIT 1 FOR UPDATE SKIP LOCKED
""")


async def steps(session: AsyncSession, case_id: int) -> Sequence[ClockStep]:
    query = select(ClockStep).where(ClockStep.case_id == case_id).order_by(ClockStep.nth)
    return (await session.scalars(query.limit(STEPS_SHOWN_MAX))).all()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which running clocks a list is of; None: any."""

    state: QueueState | None
    due_before: datetime | None
    measure: Measure | None
    office: str | None
    county: str | None
    officer: str | None


After = tuple[datetime, int, str, int, int]


async def running(
    session: AsyncSession, wanted: Wanted, now: datetime, after: After | None, limit: int
) -> Sequence[Row[CaseClock, CaseSla, Case]]:
    """The first due first; the index holds running clocks alone, however many there were."""
    key = (
        CaseClock.due_at,
        CaseClock.case_id,
        CaseClock.measure,
        CaseClock.nth,
        CaseClock.level,
    )
    query = (
        select(CaseClock, CaseSla, Case)
        .join(CaseSla, CaseSla.case_id == CaseClock.case_id)
        .join(Case, Case.id == CaseClock.case_id)
        .where(CaseClock.stopped_at.is_(None), CaseClock.due_at.is_not(None))
        .order_by(*key)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    late = or_(CaseClock.breached_at.is_not(None), CaseClock.due_at < now)
    if wanted.state is not None:
        query = query.where(late if wanted.state == "overdue" else ~late)
    if wanted.due_before is not None:
        query = query.where(CaseClock.due_at < wanted.due_before)
    same = (
        (CaseClock.measure, wanted.measure),
        (Case.handling_office, wanted.office),
        (Case.county, wanted.county),
        (Case.officer, wanted.officer),
    )
    for column, value in same:
        if value is not None:
            query = query.where(column == value)
    return (await session.execute(query)).all()


_REPORT_KEYS: Final = {
    "none": "''",
    "category": "c.category",
    "severity": "c.severity",
    "channel": "c.channel",
    "office": "coalesce(c.handling_office, '')",
    "county": "coalesce(c.county, '')",
    "month": "p.label",
}
# a breach is what is on record, whatever the clock's own row says
_REPORT: Final = """
SELECT {key} AS key, k.measure, count(*) AS clocks,
    count(*) FILTER (WHERE stopped_at IS NOT NULL AND NOT late) AS within_target,
    count(*) FILTER (WHERE late) AS late,
    count(*) FILTER (WHERE stopped_at IS NULL AND NOT late) AS running,
    count(*) FILTER (WHERE breached) AS breaches,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY elapsed_s) AS median_s
FROM unnest(CAST(:labels AS text[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
    AS p (label, begins, ends)
JOIN LATERAL (
    SELECT o.*, b.at IS NOT NULL AS breached,
        b.at IS NOT NULL OR coalesce(o.stopped_at, :now) > coalesce(o.due_at, 'infinity') AS late
    FROM case_clock o LEFT JOIN clock_step b ON b.case_id = o.case_id AND b.measure = o.measure
        AND b.clock = o.nth AND b.level = o.level AND b.kind = 'breached'
    WHERE o.level = 0 AND o.started_at >= p.begins AND o.started_at < p.ends
) k ON true
JOIN complaint_case c ON c.id = k.case_id
GROUP BY 1, 2 ORDER BY 1, 2
"""


async def report(
    session: AsyncSession, periods: Sequence[Period], by: str, now: datetime
) -> Sequence[RowMapping]:
    """Of the clocks started in the periods, by a dimension and measure."""
    rows = await session.execute(
        text(_REPORT.format(key=_REPORT_KEYS[by])),
        {
            "labels": [str(period) for period in periods],
            "starts": [period.start_at for period in periods],
            "ends": [period.end_at for period in periods],
            "now": now,
        },
    )
    return rows.mappings().all()
