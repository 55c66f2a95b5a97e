"""Use cases of the workforce."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, get_args

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.registry.domain import Kind
from services.offices.workforce import desk, domain, repository
from services.offices.workforce.desk import DETAILS, Desk
from services.offices.workforce.errors import (
    AlreadyVoid,
    AssignmentNotFound,
    NotAssigned,
    PersonExists,
)
from services.offices.workforce.models import Assignment, Person
from services.offices.workforce.repository import Filters
from services.offices.workforce.schemas import (
    AtWorkOut,
    DetailsChange,
    Ending,
    HeadcountOut,
    ImportOut,
    NewAssignment,
    NewPerson,
    PersonFullOut,
    PersonOut,
    RowResult,
    VocabularyOut,
)
from shared import idempotency, pagination
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.errors import Invalid, Problem, ProblemBody, field_errors
from shared.idempotency import Answer, Once
from shared.pagination import Page


async def hire(
    session: AsyncSession, wanted: NewPerson, *, caller: Caller, once: Once | None, now: datetime
) -> Answer:
    async def work() -> Answer:
        at = await _desk(session, [wanted], caller, now)
        number = wanted.personnel_number
        if number in at.people:
            raise PersonExists(f"{number} is on record: add an assignment to the person instead")
        at.take(wanted)
        await at.save(session)
        body = _told(at, number).model_dump_json().encode()
        return Answer(201, body, {"Location": f"/v1/workforce/people/{number}"})

    return await (work() if once is None else idempotency.once(session, once, work))


async def take_in(
    session: AsyncSession, rows: Sequence[Any], *, caller: Caller, once: Once | None, now: datetime
) -> Answer:
    """Record up to 1,000 rows, each with its own result; the same rows again change nothing."""

    async def work() -> Answer:
        read = [_read(row) for row in rows]
        good = [row for row in read if isinstance(row, NewPerson)]
        at = await _desk(session, good, caller, now)
        results = [_result(at, n, row) for n, row in enumerate(read)]
        await at.save(session)
        return Answer(200, ImportOut.of(results).model_dump_json().encode())

    return await (work() if once is None else idempotency.once(session, once, work))


def _read(row: Any) -> NewPerson | Problem:
    try:
        return NewPerson.model_validate(row)
    except ValidationError as error:
        errors = field_errors(error.errors(include_url=False, include_input=False))
        first = errors[0]
        return Invalid(f"{first['field'] or 'row'}: {first['message']}", errors=errors)


def _result(at: Desk, n: int, row: NewPerson | Problem) -> RowResult:
    number = row.personnel_number if isinstance(row, NewPerson) else None
    try:
        if isinstance(row, Problem):
            raise row
        return RowResult(row=n, personnel_number=number, result=at.take(row), problem=None)
    except Problem as problem:
        told = ProblemBody.model_validate(problem.as_dict())
        return RowResult(row=n, personnel_number=number, result="refused", problem=told)


async def _desk(
    session: AsyncSession, rows: Sequence[NewPerson], caller: Caller, now: datetime
) -> Desk:
    return await desk.opened(
        session,
        numbers={row.personnel_number for row in rows},
        offices={row.office for row in rows},
        national_ids={row.national_id for row in rows if row.national_id},
        by=caller.id,
        now=now,
    )


async def assign(
    session: AsyncSession,
    number: str,
    wanted: NewAssignment,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """A further assignment; a new main one is a transfer."""

    async def work() -> Answer:
        at = await desk.opened(
            session, numbers=[number], offices=[wanted.office], by=caller.id, now=now
        )
        at.person(number)
        at.assign(number, wanted)
        await at.save(session)
        body = _told(at, number).model_dump_json().encode()
        return Answer(201, body)

    return await (work() if once is None else idempotency.once(session, once, work))


async def change(
    session: AsyncSession, number: str, wanted: DetailsChange, *, caller: Caller, now: datetime
) -> PersonFullOut:
    details = wanted.changes()
    ids = [sent] if (sent := details.get("national_id")) else []
    at = await desk.opened(session, numbers=[number], national_ids=ids, by=caller.id, now=now)
    at.change(number, details)
    await at.save(session)
    return PersonFullOut.model_validate(_state(at.people[number], at.held[number]))


async def leave(
    session: AsyncSession, number: str, ending: Ending, *, caller: Caller, now: datetime
) -> PersonOut:
    """End every assignment that runs on the last day or later."""
    at = await desk.opened(session, numbers=[number], by=caller.id, now=now)
    at.person(number)
    running = [
        one
        for one in at.held[number]
        if one.voided_at is None and (one.valid_until is None or one.valid_until > ending.on)
    ]
    if not running:
        raise NotAssigned(f"no assignment of {number} runs beyond {ending.on}")
    for one in running:
        _end(one, ending, at)
    at.tell(number, "person.left")
    await at.save(session)
    return _told(at, number)


def _end(one: Assignment, ending: Ending, at: Desk) -> None:
    one.valid_until = one.post.span.ended(ending.on, at.today).last
    one.end_reason = ending.reason


async def end_assignment(
    session: AsyncSession,
    number: str,
    assignment_id: int,
    ending: Ending,
    *,
    caller: Caller,
    now: datetime,
) -> PersonOut:
    at, one = await _one(session, number, assignment_id, caller, now)
    _end(one, ending, at)
    at.tell(number, "person.changed")
    await at.save(session)
    return _told(at, number)


async def void_assignment(
    session: AsyncSession,
    number: str,
    assignment_id: int,
    reason: str,
    *,
    caller: Caller,
    now: datetime,
) -> PersonOut:
    """What was recorded by mistake counts nowhere; it stays on record."""
    at, one = await _one(session, number, assignment_id, caller, now)
    one.voided_at, one.void_reason = now, reason
    at.tell(number, "person.changed")
    await at.save(session)
    return _told(at, number)


async def _one(
    session: AsyncSession, number: str, assignment_id: int, caller: Caller, now: datetime
) -> tuple[Desk, Assignment]:
    at = await desk.opened(session, numbers=[number], by=caller.id, now=now)
    at.person(number)
    found = next((one for one in at.held[number] if one.id == assignment_id), None)
    if found is None:
        raise AssignmentNotFound(f"{number} has no assignment {assignment_id}")
    if found.voided_at is not None:
        raise AlreadyVoid("the assignment was recorded by mistake and is void")
    return at, found


async def erase(session: AsyncSession, number: str, *, caller: Caller, now: datetime) -> PersonOut:
    """Forget who someone was who left; what was done where stays. Again, it changes nothing."""
    at = await desk.opened(session, numbers=[number], by=caller.id, now=now)
    person = at.person(number)
    domain.check_left([one.post for one in at.held[number]], at.today)
    if person.erased_at is None:
        await repository.forget(session, person)
        person.erased_at = now
        at.tell(number, "person.erased")
        await at.save(session)
    return _told(at, number)


async def get(
    session: AsyncSession, number: str, *, caller: Caller, now: datetime
) -> PersonFullOut:
    await check_own(session, number, caller, now)
    person = await repository.get(session, number)
    held = (await repository.assignments(session, [number]))[number]
    return PersonFullOut.model_validate(_state(person, held))


def _state(person: Person, held: Sequence[Assignment]) -> dict[str, Any]:
    kept = {name: getattr(person, name) for name in PersonOut.model_fields if name != "assignments"}
    details = {name: getattr(person.detail, name, None) for name in DETAILS}
    return {**kept, **details, "assignments": held}


def _told(at: Desk, number: str) -> PersonOut:
    return PersonOut.model_validate(_state(at.people[number], at.held[number]))


async def check_own(session: AsyncSession, number: str, caller: Caller, now: datetime) -> None:
    """Of who works at one office, only who works there now is known to it."""
    if caller.office is not None:
        await repository.check_at(session, number, caller.office, tehran_date(now))


async def listing(
    session: AsyncSession, wanted: Filters, page: Page, *, caller: Caller
) -> tuple[list[AtWorkOut], str | None]:
    """A page by personnel number, and the cursor of the next; who works at one office sees it."""
    wanted = replace(wanted, office=wanted.office or caller.office)
    caller.require_office(wanted.office)
    rows = await repository.listing(session, wanted, after=_after(page), limit=page.limit + 1)
    shown, following = pagination.cut(rows, page, lambda row: [row[0].personnel_number, row[0].id])
    return [_at_work(assignment, name) for assignment, name in shown], following


def _at_work(assignment: Assignment, name: str | None) -> AtWorkOut:
    number = assignment.personnel_number
    return AtWorkOut.model_validate(
        {"personnel_number": number, "name": name, "assignment": assignment}
    )


def _after(page: Page) -> tuple[str, int]:
    match page.after:
        case None:
            return "", 0
        case [str(number), int(nth)] if number.isascii() and number.isalnum() and 0 < nth < 2**63:
            return number, nth
        case _:
            raise pagination.not_a_cursor()


async def headcount(session: AsyncSession, on: date | None, now: datetime) -> HeadcountOut:
    """Of a day, today where none is named."""
    day = on or tehran_date(now)
    found = domain.headcount(await repository.counted(session, day), get_args(Kind))
    return HeadcountOut.model_validate(
        {
            "on": day,
            "total": found.total,
            "by_employment": _rows("employment", found.by_employment),
            "by_role": _rows("role", found.by_role),
            "by_office_kind": _rows("kind", found.by_office_kind),
            "outside_state_percent": found.outside_state_percent,
        }
    )


def _rows(name: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{name: key, "count": count} for key, count in counts.items()]


def vocabulary() -> VocabularyOut:
    employments = [
        {"employment": name, "label": fa, "label_en": en, "office_kinds": domain.PLACES[name]}
        for name, (fa, en) in domain.EMPLOYMENTS.items()
    ]
    roles = [{"role": name, "label": fa, "label_en": en} for name, (fa, en) in domain.ROLES.items()]
    return VocabularyOut.model_validate({"employments": employments, "roles": roles})
