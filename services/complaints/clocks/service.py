"""What a case's transitions do to its clocks, in the transaction of the transition.

Each call first lets time pass up to the instant at which the transition was (`moment.at`), so that
what was due before is on record with its own time whether or not a timer came by; then it acts.
Who calls holds the case's row lock, or has just made the case.
"""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

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
from services.complaints.clocks.sheets import Facts, Moment
from services.complaints.targets import repository as targets
from services.complaints.vocabulary import Severity, Stage
from shared.calendar import tehran_date


def facts_of(case: Case) -> Facts:
    """Of a case, as long as it does not say how it came in, how severe it is and whose it is."""
    return Facts(case.category, "normal", "web", case.office, None)


async def start(session: AsyncSession, case: Case, moment: Moment) -> None:
    """The clocks of a new case run from its filing, under the targets of that day."""
    version = await targets.in_force(session, tehran_date(moment.at))
    if version is None:  # nobody set any for so early a day
        return
    facts = facts_of(case)
    row = CaseSla(
        case_id=case.id,
        version=version.id,
        **facts._asdict(),
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


async def on_stage(session: AsyncSession, case: Case, stage: Stage, moment: Moment) -> None:
    """What a stage of ISO 10002 does: an answer and the end stop clocks, contesting goes on."""
    if stage in {"received", "acknowledged", "investigated"}:
        return
    if stage == "assessed":
        await assessed(session, case, facts_of(case).severity, moment)
        return
    sheet = await sheets.opened(session, case, moment)
    if sheet is None:
        return
    if stage == "contested":
        await sheets.go_on(session, sheet, moment)
        await sheets.begin(session, sheet, ("update",), moment)
    else:
        await sheets.resume(session, sheet, "system", moment)
        await sheets.stop(session, sheet, MEASURES, moment)
    await sheets.save(session, sheet)


async def assessed(session: AsyncSession, case: Case, severity: Severity, moment: Moment) -> None:
    """Other targets may hold for a severity; they count from the same beginning."""
    sheet = await sheets.opened(session, case, moment)
    if sheet is None or sheet.book.row.severity == severity:
        return
    row, before = sheet.book.row, sheet.book.state
    row.severity = severity
    desk = replace(
        sheet.desk, targets=sheet.desk.terms.targets(row.category, severity, row.channel)
    )
    sheet = sheet._replace(desk=desk)
    state = domain.retargeted(before, desk)
    sheets.put(session, sheet, state)
    for key, clock in state.clocks.items():
        if clock.level != before.clocks[key].level:
            await sheets.tell(session, sheet, "retargeted", clock, moment, clock.level.minutes)
    # what is due under these and was not under those
    await sheets.pass_time(session, sheet, moment)
    await sheets.save(session, sheet)


async def assigned(
    session: AsyncSession, case: Case, office: str | None, county: str | None
) -> None:
    """Whose the case is, for lists and reports; the clocks go on."""
    book = await repository.book(session, case.id)
    if book is not None:
        book.row.office, book.row.county = office, county


async def staff_wrote(session: AsyncSession, case: Case, moment: Moment) -> None:
    """A word of staff to the complainant: the first response, or the update that was waited for."""
    sheet = await sheets.opened(session, case, moment)
    if sheet is not None:
        await sheets.stop(session, sheet, ("first_response", "update"), moment)
        await sheets.save(session, sheet)


async def complainant_wrote(session: AsyncSession, case: Case, moment: Moment) -> None:
    """Nobody waits for the complainant now: a pause ends, and an update is due.

    Before the first response none is: that clock runs on, whatever is written meanwhile.
    """
    sheet = await sheets.opened(session, case, moment)
    if sheet is None:
        return
    await sheets.resume(session, sheet, "complainant", moment)
    state = sheet.book.state
    if sheets.runs(state, "resolution") and not sheets.runs(state, "first_response"):
        await sheets.begin(session, sheet, ("update",), moment)
    await sheets.save(session, sheet)


async def reopened(session: AsyncSession, case: Case, moment: Moment) -> None:
    """A resolution and an update are due again, under the targets of the day of reopening."""
    sheet = await sheets.opened(session, case, moment)
    version = await targets.in_force(session, tehran_date(moment.at))
    if sheet is None or version is None:
        return
    sheet.book.row.version = version.id
    sheet = await sheets.sheet_under(session, sheet.book, version)
    await sheets.begin(session, sheet, ("resolution", "update"), moment)
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
