"""A case's clocks at hand: their rows, the rules they go by, and the record of what happens.

Everything that changes a clock goes through here, so that each change is a step on record and an
event, written once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.calendars import service as calendars
from services.complaints.cases.models import Case
from services.complaints.clocks import domain, repository
from services.complaints.clocks.domain import (
    MEASURES,
    Caps,
    Clock,
    Desk,
    EndedBy,
    Happening,
    Kind,
    Level,
    Measure,
    Rule,
    State,
    Terms,
)
from services.complaints.clocks.events import (
    EVENT_TYPES,
    RESUMED,
    ClockEvent,
    ClockPayload,
    PauseEvent,
    PausePayload,
)
from services.complaints.clocks.models import CasePause, CasePauseEnd, ClockStep
from services.complaints.clocks.repository import Book
from services.complaints.targets import repository as targets
from services.complaints.targets.models import SlaVersion
from shared import outbox

ANSWERED: Final = "answered"
"""The reason of the time between an answer and its contesting."""


class Moment(NamedTuple):
    """When something was, when it is recorded, and whose act it is: None the clock's own."""

    at: datetime
    now: datetime
    account: str | None = None
    reason: str | None = None


class Sheet(NamedTuple):
    """A case's clocks at hand, and what they are reckoned by."""

    book: Book
    desk: Desk
    changes: int


def runs(state: State, measure: Measure) -> bool:
    return any(
        key.measure == measure and clock.stopped_at is None for key, clock in state.clocks.items()
    )


async def opened(session: AsyncSession, case: Case, moment: Moment) -> Sheet | None:
    """The case's clocks, locked, when time has passed up to the moment; None: it has none."""
    await session.flush()  # the case's own row first, in the order of its lock
    book = await repository.book(session, case.id)
    if book is None:
        return None
    sheet = await sheet_of(session, book)
    await pass_time(session, sheet, moment)
    return sheet


async def sheet_of(session: AsyncSession, book: Book) -> Sheet:
    return await sheet_under(session, book, await targets.by_id(session, book.row.version))


async def sheet_under(session: AsyncSession, book: Book, version: SlaVersion) -> Sheet:
    changes, work = await calendars.working_time(session)
    terms = terms_of(version.terms)
    found = terms.targets(book.row.category, book.row.severity, book.case.channel)
    return Sheet(book, Desk(work, terms, found), changes)


def terms_of(written: Mapping[str, Any]) -> Terms:
    """Of a version, as `targets.schemas.Terms` writes them."""
    minutes = timedelta(minutes=1)
    caps = Caps(
        written["pause_max_minutes"] * minutes, written["pauses_total_max_minutes"] * minutes
    )
    return Terms(caps, [_rule(rule) for rule in written["rules"]])


def _rule(written: Mapping[str, Any]) -> Rule:
    levels = {
        measure: [Level(one["minutes"], tuple(one["remind_before_minutes"])) for one in of]
        for measure in MEASURES
        if (of := written[measure])
    }
    return Rule(written["category"], written["severity"], written["channel"], levels)


async def let_pass(session: AsyncSession, book: Book, moment: Moment) -> None:
    """Bring a case, locked, up to an instant: everything due before it happens, once."""
    sheet = await sheet_of(session, book)
    await pass_time(session, sheet, moment)
    await save(session, sheet)


async def pass_time(session: AsyncSession, sheet: Sheet, moment: Moment) -> None:
    state, happened = domain.passed(sheet.book.state, sheet.desk, moment.at)
    await record(session, sheet, state, happened, Moment(moment.at, moment.now))


async def record(
    session: AsyncSession,
    sheet: Sheet,
    state: State,
    happened: Sequence[Happening],
    moment: Moment,
) -> None:
    put(session, sheet, state)
    for one in happened:
        when = moment._replace(at=one.at)
        if one.kind == "cap":
            await _end_pause(session, sheet, "cap", when)
        elif one.clock is not None:
            await tell(session, sheet, one.kind, one.clock, when, one.minutes)


async def begin(
    session: AsyncSession, sheet: Sheet, measures: Sequence[Measure], moment: Moment
) -> None:
    for measure in measures:
        before = sheet.book.state
        state = domain.started(before, measure, moment.at, sheet.desk)
        put(session, sheet, state)
        for key in state.clocks.keys() - before.clocks.keys():
            clock = state.clocks[key]
            await tell(session, sheet, "started", clock, moment, clock.level.minutes)


async def stop(
    session: AsyncSession, sheet: Sheet, measures: Sequence[Measure], moment: Moment
) -> None:
    before = sheet.book.state
    state = domain.stopped(before, measures, moment.at)
    put(session, sheet, state)
    for key in sorted(state.clocks):
        if before.clocks[key].stopped_at is None and state.clocks[key].stopped_at is not None:
            await tell(session, sheet, "stopped", state.clocks[key], moment)


async def go_on(session: AsyncSession, sheet: Sheet, moment: Moment) -> None:
    before = sheet.book.state
    state = domain.continued(before, moment.at, sheet.desk)
    if state is before:
        return
    meanwhile, ended = state.pauses[-1], {"recorded_at": moment.now, "account": None}
    row = CasePause(reason=ANSWERED, capped=False, since=meanwhile.since, **ended)
    await repository.add_pause(session, sheet.book, row)
    end = CasePauseEnd(until=meanwhile.until, ended_by="complainant", **ended)
    await repository.end_pause(session, sheet.book, end)
    put(session, sheet, state)
    for key in sorted(state.clocks):
        if before.clocks[key].stopped_at is not None and state.clocks[key].stopped_at is None:
            await tell(session, sheet, "continued", state.clocks[key], moment)


async def resume(session: AsyncSession, sheet: Sheet, by: EndedBy, moment: Moment) -> None:
    """End the pause, if there is one."""
    state = sheet.book.state
    if not domain.is_paused(state):
        return
    last = state.pauses[-1]
    until = max(moment.at, last.since)
    ended = replace(state, pauses=[*state.pauses[:-1], replace(last, until=until)])
    put(session, sheet, domain.reckoned(ended, sheet.desk))
    await _end_pause(session, sheet, by, moment._replace(at=until))


async def _end_pause(session: AsyncSession, sheet: Sheet, by: EndedBy, moment: Moment) -> None:
    end = CasePauseEnd(until=moment.at, ended_by=by, recorded_at=moment.now, account=moment.account)
    await repository.end_pause(session, sheet.book, end)
    await tell_pause(session, sheet, RESUMED, moment.at)


def put(session: AsyncSession, sheet: Sheet, state: State) -> None:
    """The rows as the state is, from which what is told is read."""
    stopped = {
        key: domain.times(clock, sheet.desk, state.pauses, clock.stopped_at)
        for key, clock in state.clocks.items()
        if clock.stopped_at is not None
    }
    repository.save_clocks(session, sheet.book, state, stopped)


async def save(session: AsyncSession, sheet: Sheet) -> None:
    """What the timers go by: when the next thing is due, and under which calendar."""
    row, state = sheet.book.row, domain.reckoned(sheet.book.state, sheet.desk)
    put(session, sheet, state)
    coming = domain.coming(state, sheet.desk)
    levels = [key.level for key, clock in state.clocks.items() if clock.stopped_at is None]
    row.live, row.level = bool(levels), max(levels, default=row.level)
    row.paused_since = state.pauses[-1].since if domain.is_paused(state) else None
    row.next_at = coming[0].at if coming else None
    row.reckoned = sheet.changes
    await session.flush()


async def tell(
    session: AsyncSession,
    sheet: Sheet,
    kind: Kind,
    clock: Clock,
    moment: Moment,
    minutes: int = 0,
) -> None:
    """On record for good, and an event."""
    key = clock.key
    step = ClockStep(
        kind=kind,
        measure=key.measure,
        clock=key.nth,
        level=key.level,
        minutes=minutes,
        due_at=clock.due_at,
        at=moment.at,
        recorded_at=moment.now,
        account=moment.account,
        reason=moment.reason,
    )
    await repository.add_step(session, sheet.book, step)
    told = ClockEvent(
        clock=payload(sheet.book, clock),
        before_minutes=minutes if kind == "reminded" else None,
        occurred_at=moment.at,
    )
    await outbox.append(
        session,
        EVENT_TYPES[kind],
        told.model_dump(mode="json"),
        time=moment.at,
        subject=sheet.book.case.number,
    )


def payload(book: Book, clock: Clock) -> ClockPayload:
    case = book.case
    return ClockPayload(
        number=case.number,
        category=case.category,
        severity=case.severity,
        channel=case.channel,
        office=case.handling_office,
        county=case.county,
        officer=case.officer,
        **clock.key._asdict(),
        started_at=clock.started_at,
        target_minutes=clock.level.minutes,
        due_at=clock.due_at,
        breached_at=clock.breached_at,
        stopped_at=clock.stopped_at,
    )


async def tell_pause(session: AsyncSession, sheet: Sheet, event_type: str, at: datetime) -> None:
    pause, end = sheet.book.pauses[-1]
    told = PausePayload(
        number=sheet.book.case.number,
        nth=pause.nth,
        reason=pause.reason,
        capped=pause.capped,
        since=pause.since,
        until=None if end is None else end.until,
        ended_by=None if end is None else end.ended_by,
    )
    data = PauseEvent(pause=told, occurred_at=at).model_dump(mode="json")
    await outbox.append(session, event_type, data, time=at, subject=sheet.book.case.number)
