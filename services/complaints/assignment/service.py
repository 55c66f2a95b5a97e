"""Use cases: officers, whose a case is, who watches it."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.assignment import domain, repository
from services.complaints.assignment.errors import NobodyToAssign, OfficerUnknown, TooManyWatchers
from services.complaints.assignment.models import Assignment, Officer, Watcher
from services.complaints.assignment.schemas import (
    AssignmentBody,
    AssignmentsBody,
    AssignRequest,
    OfficerBody,
    OfficerRequest,
    WatcherBody,
)
from services.complaints.cases import repository as cases
from services.complaints.cases.domain import CaseId
from services.complaints.cases.errors import CaseClosed
from services.complaints.cases.models import Case
from services.complaints.cases.repository import STAFF
from services.complaints.cases.schemas import SummaryBody
from services.complaints.cases.service import Step, by_staff, note
from services.complaints.events import OfficerState
from shared import outbox
from shared.auth import Caller
from shared.errors import Invalid
from shared.pagination import Page, PageBody, cut, not_a_cursor

WATCHERS_MAX: Final = 50
HANDED_OVER_MAX: Final = 100
_CURSOR: Final = TypeAdapter[tuple[str]](tuple[Annotated[str, Field(max_length=40)]])


async def assign(
    session: AsyncSession, case: Case, at: datetime, *, without: str | None = None
) -> bool:
    """By the rule: the nearest who handle it, and of them who has the fewest open cases.

    `without`: one who hands over. Whether it is somebody's now whose it was not before.
    """
    found = await repository.candidates(session, case.handling_office, case.county)
    near = domain.nearest(one for one in found if one.account != without)
    if near is None:
        return False
    level, accounts = near
    locked = await repository.lock(session, accounts)
    if not locked or case.officer in locked:
        return False
    chosen = domain.least_burdened(locked, await repository.open_cases(session, locked))
    step = Step("system", None, None, at, at)
    await _give(session, case, chosen, how=level, reason=None, step=step)
    return True


async def _give(
    session: AsyncSession, case: Case, officer: str, *, how: str, reason: str | None, step: Step
) -> None:
    nth = len(await repository.assignments(session, case.id)) + 1
    case.officer = officer
    session.add(
        Assignment(
            case_id=case.id,
            nth=nth,
            officer=officer,
            how=how,
            reason=reason,
            account=step.account,
            occurred_at=step.at,
        )
    )
    await note(session, case, "case.assigned", step)


async def reassign(
    session: AsyncSession, number: CaseId, caller: Caller, body: AssignRequest, now: datetime
) -> AssignmentsBody:
    case = await cases.find(session, number, STAFF, lock=True)
    if case.status == "closed":
        raise CaseClosed(f"the case {case.number} is closed: reopen it first")
    if body.officer is None:
        if not await assign(session, case, now) and case.officer is None:
            raise NobodyToAssign("no officer handles this office, its county or the province")
        return await _shown(session, case)
    account = str(body.officer)
    officer = await repository.officer(session, account)
    if officer is None or not officer.active:
        raise Invalid.field("body.officer", "No active officer has this account: register it first")
    if case.officer != account:
        step = by_staff(caller, now, now)
        await _give(session, case, account, how="by_hand", reason=body.reason, step=step)
    return await _shown(session, case)


async def assigned_by_hand(session: AsyncSession, case: Case) -> bool:
    found = await repository.assignments(session, case.id)
    return bool(found) and found[-1].how == "by_hand"


async def shown(session: AsyncSession, number: CaseId) -> AssignmentsBody:
    return await _shown(session, await cases.find(session, number, STAFF))


async def _shown(session: AsyncSession, case: Case) -> AssignmentsBody:
    await session.flush()
    given = await repository.assignments(session, case.id)
    watchers = await repository.watchers(session, case.id)
    return AssignmentsBody(
        number=case.number,
        officer=case.officer,
        assignments=[AssignmentBody.model_validate(one) for one in given],
        watchers=[WatcherBody.model_validate(one) for one in watchers],
    )


async def watch(
    session: AsyncSession, number: CaseId, account: UUID, caller: Caller, now: datetime
) -> AssignmentsBody:
    """However often it is asked, one watcher."""
    case = await cases.find(session, number, STAFF, lock=True)
    watchers = await repository.watchers(session, case.id)
    if str(account) not in {one.account for one in watchers}:
        if len(watchers) >= WATCHERS_MAX:
            raise TooManyWatchers(f"a case has at most {WATCHERS_MAX} watchers")
        session.add(Watcher(case_id=case.id, account=str(account), since=now))
        await note(session, case, "case.watched", by_staff(caller, now, now))
    return await _shown(session, case)


async def unwatch(
    session: AsyncSession, number: CaseId, account: UUID, caller: Caller, now: datetime
) -> AssignmentsBody:
    case = await cases.find(session, number, STAFF, lock=True)
    for one in await repository.watchers(session, case.id):
        if one.account == str(account):
            await session.delete(one)
            await note(session, case, "case.unwatched", by_staff(caller, now, now))
    return await _shown(session, case)


async def watched(session: AsyncSession, account: UUID, page: Page) -> PageBody[SummaryBody]:
    rows = await repository.watched(session, str(account), page.after_int(), page.limit + 1)
    found, following = cut(rows, page, lambda case: [case.id])
    return PageBody(items=[SummaryBody.model_validate(one) for one in found], next=following)


async def save_officer(
    session: AsyncSession, account: UUID, body: OfficerRequest, now: datetime
) -> OfficerBody:
    """Registers an account or changes where it handles cases; said twice, once."""
    key, place = str(account), body.model_dump()
    began = {"account": key, "version": 1, "updated_at": now, **place}
    made = await repository.begin(session, began)
    officer = await repository.officer(session, key, lock=True)
    if officer is None:
        raise OfficerUnknown("no officer has this account")
    if not made:
        if all(getattr(officer, name) == value for name, value in place.items()):
            return await _officer(session, officer)
        for name, value in place.items():
            setattr(officer, name, value)
        officer.version += 1
        officer.updated_at = now
    await session.flush()
    data = {"officer": OfficerState.model_validate(officer).model_dump(mode="json")}
    await outbox.append(session, "officer.saved", data, time=now, subject=key)
    return await _officer(session, officer)


async def _officer(session: AsyncSession, officer: Officer) -> OfficerBody:
    burden = await repository.open_cases(session, [officer.account])
    return _body(officer, burden)


def _body(officer: Officer, burden: dict[str, int]) -> OfficerBody:
    state = OfficerState.model_validate(officer).model_dump()
    return OfficerBody(**state, open_cases=burden.get(officer.account, 0))


async def officers(session: AsyncSession, page: Page) -> PageBody[OfficerBody]:
    try:
        after = None if page.after is None else _CURSOR.validate_python(tuple(page.after))[0]
    except ValidationError:
        raise not_a_cursor() from None
    rows = await repository.officers(session, after, page.limit + 1)
    found, following = cut(rows, page, lambda one: [one.account])
    burden = await repository.open_cases(session, [one.account for one in found])
    return PageBody(items=[_body(one, burden) for one in found], next=following)


async def hand_over(session: AsyncSession, account: UUID, now: datetime) -> OfficerBody:
    """Deals an officer's open cases out to others, by the rule; 100 at a time, the oldest first.

    A case that nobody else handles stays.
    """
    officer = await repository.officer(session, str(account))
    if officer is None:
        raise OfficerUnknown("no officer has this account")
    for case_id in await repository.open_of(session, officer.account, HANDED_OVER_MAX):
        case = await cases.whole(session, case_id)
        if case.officer == officer.account and case.status != "closed":
            await assign(session, case, now, without=officer.account)
    return await _officer(session, officer)
