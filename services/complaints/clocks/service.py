"""What a case's transitions do to its clocks, in the transaction of the transition.

Each call first lets time pass up to the instant at which the transition was (`moment.at`), so that
what was due before is on record with its own time whether or not a timer came by; then it acts.
Who calls holds the case's row lock, or has just made the case.
"""

from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.cases.domain import Act
from services.complaints.cases.models import Case
from services.complaints.clocks import domain, repository, sheets
from services.complaints.clocks.domain import MEASURES, EndedBy, Pause
from services.complaints.clocks.errors import (
    AlreadyPaused,
    ClockStands,
    NotPaused,
    NotWaiting,
    PausesUsedUp,
    TopLevel,
)
from services.complaints.clocks.events import PAUSED
from services.complaints.clocks.models import CasePause, CaseSla
from services.complaints.clocks.sheets import Moment, Sheet
from services.complaints.targets import repository as targets
from shared.calendar import tehran_date


async def start(session: AsyncSession, case: Case, moment: Moment) -> None:
    """The clocks of a new case run from its filing, under the targets of that day."""
    version = await targets.in_force(session, tehran_date(moment.at))
    if version is None:  # nobody set any for so early a day
        return
    row = CaseSla(
        case_id=case.id,
        version=version.id,
        category=case.category,
        severity=case.severity,
        level=0,
        live=True,
        paused_since=None,
        pauses=0,
        steps=0,
        reckoned=0,
        next_at=None,
    )
    sheet = await sheets.sheet_under(session, repository.new_book(session, case, row), version)
    await sheets.begin(session, sheet, ("first_response", "resolution"), moment)
    await sheets.save(session, sheet)


async def on_act(session: AsyncSession, case: Case, act: Act, moment: Moment) -> None:
    """What an act on a case does to its clocks; the case is as the act left it."""
    sheet = await sheets.opened(session, case, moment)
    if sheet is None:
        return
    match act:
        case "acknowledge" | "investigate":
            pass
        case "assess":
            sheet = await _assessed(session, sheet, moment)
        case "message" | "contest" | "join":
            await _written(session, sheet, act, moment)
        case "answer" | "accept" | "close":
            await sheets.resume(session, sheet, "system", moment)
            await sheets.stop(session, sheet, MEASURES, moment)
        case "reopen":
            sheet = await _reopened(session, sheet, moment)
        case _:
            assert_never(act)
    await sheets.save(session, sheet)


async def _assessed(session: AsyncSession, sheet: Sheet, moment: Moment) -> Sheet:
    """Other targets may hold for a severity or category; they count from the same beginning."""
    before, row, case = sheet.book.state, sheet.book.row, sheet.book.case
    row.category, row.severity = case.category, case.severity
    sheet = await sheets.sheet_of(session, sheet.book)
    state = domain.retargeted(before, sheet.desk)
    sheets.put(session, sheet, state)
    for key, clock in state.clocks.items():
        if clock.level != before.clocks[key].level:
            await sheets.tell(session, sheet, "retargeted", clock, moment, clock.level.minutes)
    # what is due under these and was not under those
    await sheets.pass_time(session, sheet, moment)
    return sheet


async def _written(session: AsyncSession, sheet: Sheet, act: Act, moment: Moment) -> None:
    """Nobody waits for the complainant now: a pause ends, an answered case goes on.

    An update is due, but before the first response: that clock runs on, whatever is written
    meanwhile. Another complainant who is joined is not whom a pause waits for.
    """
    if act != "join":
        await sheets.resume(session, sheet, "complainant", moment)
    if not sheets.runs(sheet.book.state, "resolution"):
        await sheets.go_on(session, sheet, moment)
    if not sheets.runs(sheet.book.state, "first_response"):
        await sheets.begin(session, sheet, ("update",), moment)


async def _reopened(session: AsyncSession, sheet: Sheet, moment: Moment) -> Sheet:
    """A resolution and an update are due again, under the targets of the day of reopening."""
    version = await targets.in_force(session, tehran_date(moment.at))
    if version is not None:
        sheet.book.row.version = version.id
        sheet = await sheets.sheet_under(session, sheet.book, version)
    await sheets.begin(session, sheet, ("resolution", "update"), moment)
    return sheet


async def asked(session: AsyncSession, case: Case, moment: Moment) -> None:
    """A word of staff to the complainant: the first response, or the update that was waited for."""
    sheet = await sheets.opened(session, case, moment)
    if sheet is not None:
        await sheets.stop(session, sheet, ("first_response", "update"), moment)
        await sheets.save(session, sheet)


async def pause(session: AsyncSession, case: Case, reason: str, moment: Moment) -> None:
    """Wait for the complainant: only when staff has spoken last, and within the caps."""
    sheet = await sheets.opened(session, case, moment)
    if sheet is None or not sheets.runs(sheet.book.state, "resolution"):
        raise ClockStands("only a running case is paused")
    state = sheet.book.state
    if domain.is_paused(state):
        raise AlreadyPaused("end the pause first")
    if sheets.runs(state, "first_response") or sheets.runs(state, "update"):
        raise NotWaiting("write to the complainant first: what do you wait for?")
    if domain.allowance(state, sheet.desk.terms.caps, sheet.desk.work) <= timedelta():
        raise PausesUsedUp("its pauses have taken all that the targets allow a case")
    row = CasePause(
        reason=reason, capped=True, since=moment.at, recorded_at=moment.now, account=moment.account
    )
    await repository.add_pause(session, sheet.book, row)
    sheets.put(session, sheet, replace(state, pauses=[*state.pauses, Pause(moment.at, None)]))
    await sheets.tell_pause(session, sheet, PAUSED, moment.at)
    await sheets.save(session, sheet)


async def resume(session: AsyncSession, case: Case, by: EndedBy, moment: Moment) -> None:
    sheet = await sheets.opened(session, case, moment)
    if sheet is None or not domain.is_paused(sheet.book.state):
        raise NotPaused("there is no pause to end")
    await sheets.resume(session, sheet, by, moment)
    await sheets.save(session, sheet)


async def escalate(session: AsyncSession, case: Case, moment: Moment) -> None:
    """By hand, before the time: the resolution clock of the level above starts."""
    sheet = await sheets.opened(session, case, moment)
    if sheet is None or not sheets.runs(sheet.book.state, "resolution"):
        raise ClockStands("only a running case is escalated")
    top = max(
        key
        for key, clock in sheet.book.state.clocks.items()
        if key.measure == "resolution" and clock.stopped_at is None
    )
    state, happened = domain.escalate(sheet.book.state, top, moment.at, sheet.desk)
    if not happened:
        raise TopLevel(f"level {top.level} is the highest of the targets")
    await sheets.record(session, sheet, domain.reckoned(state, sheet.desk), happened, moment)
    await sheets.save(session, sheet)
