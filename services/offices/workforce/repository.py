"""All SQL of the workforce. Who may read it is a matter of scopes: staff only."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    SQLColumnExpression,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from services.offices.registry.domain import Kind as OfficeKind
from services.offices.registry.models import Office, OfficeKindPeriod
from services.offices.workforce.domain import Employment, Role
from services.offices.workforce.errors import PersonNotFound, SentAtOnce
from services.offices.workforce.models import Assignment, Person, PersonDetail
from shared import outbox
from shared.database import driver

HEADCOUNT_SQL: Final = """
WITH at_work AS (
    SELECT employment, role, office_id FROM assignment
    WHERE main AND voided_at IS NULL AND valid_from <= :on AND valid_until IS NULL
    UNION ALL
    SELECT employment, role, office_id FROM assignment
    WHERE main AND voided_at IS NULL AND valid_from <= :on AND valid_until >= :on
), working AS (
    SELECT employment, role, office_id, count(*) AS people FROM at_work
    GROUP BY employment, role, office_id
)
SELECT employment, role, coalesce(past.kind, office.kind), sum(people)::bigint
FROM working JOIN office ON office.id = office_id
LEFT JOIN LATERAL (
    SELECT kind FROM office_kind_period AS period
    WHERE period.office_id = working.office_id AND valid_until >= :on
    ORDER BY valid_until LIMIT 1
) AS past ON true
GROUP BY 1, 2, 3
"""
"""Two index scans (ix_assignment_headcount), which an OR would not give.

The kind of office is that of the day, from the registry's record of what offices were.
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a list of who works where on a day; None leaves all in."""

    on: date
    main: bool
    office: str | None = None
    employment: Employment | None = None
    role: Role | None = None
    kind: OfficeKind | None = None


async def get(session: AsyncSession, number: str, *, lock: bool = False) -> Person:
    people = await _people(session, [number], lock=lock)
    if number not in people:
        raise PersonNotFound(f"there is no person of the number {number}")
    return people[number]


async def check_at(session: AsyncSession, number: str, office: str, on: date) -> None:
    """PersonNotFound unless the person works at this office on the day."""
    at_work = exists().where(Assignment.personnel_number == number, *at(office, on))
    if not await session.scalar(select(at_work)):
        raise PersonNotFound(f"there is no person of the number {number}")


def at(office: str, on: date) -> tuple[ColumnElement[bool], ...]:
    """That an assignment is one at this office and holds on the day."""
    place = select(Office.id).where(Office.code == office).scalar_subquery()
    return (*_holding(on), Assignment.office_id == place)


def _holding(on: date) -> tuple[ColumnElement[bool], ...]:
    return (
        Assignment.voided_at.is_(None),
        Assignment.valid_from <= on,
        or_(Assignment.valid_until.is_(None), Assignment.valid_until >= on),
    )


async def lock(session: AsyncSession, numbers: Collection[str]) -> dict[str, Person]:
    """Those of these people that are recorded, locked in the order of their numbers."""
    return await _people(session, numbers, lock=True)


async def _people(
    session: AsyncSession, numbers: Collection[str], *, lock: bool
) -> dict[str, Person]:
    statement = (
        select(Person)
        .where(Person.personnel_number.in_(list(numbers)))
        .order_by(Person.personnel_number)
        .options(selectinload(Person.detail))
    )
    if lock:
        statement = statement.with_for_update()
    return {person.personnel_number: person for person in await session.scalars(statement)}


async def assignments(
    session: AsyncSession, numbers: Collection[str]
) -> defaultdict[str, list[Assignment]]:
    """All that these people did and do, in the order of recording."""
    statement = (
        select(Assignment)
        .where(Assignment.personnel_number.in_(list(numbers)))
        .order_by(Assignment.personnel_number, Assignment.id)
        .options(selectinload(Assignment.place))
    )
    found: defaultdict[str, list[Assignment]] = defaultdict(list)
    for assignment in await session.scalars(statement):
        found[assignment.personnel_number].append(assignment)
    return found


async def offices(session: AsyncSession, codes: Collection[str]) -> dict[str, Office]:
    statement = select(Office).where(Office.code.in_(list(codes)))
    return {office.code: office for office in await session.scalars(statement)}


async def kind_periods(
    session: AsyncSession, offices: Iterable[int]
) -> defaultdict[int, list[OfficeKindPeriod]]:
    """What these offices were before, the oldest first."""
    statement = (
        select(OfficeKindPeriod)
        .where(OfficeKindPeriod.office_id.in_(list(offices)))
        .order_by(OfficeKindPeriod.valid_until)
    )
    found: defaultdict[int, list[OfficeKindPeriod]] = defaultdict(list)
    for period in await session.scalars(statement):
        found[period.office_id].append(period)
    return found


async def holders(session: AsyncSession, national_ids: Collection[str]) -> dict[str, str]:
    """The personnel numbers of who has these national ids."""
    statement = select(PersonDetail.national_id, PersonDetail.personnel_number).where(
        PersonDetail.national_id.in_(list(national_ids))
    )
    return {found: number for found, number in await session.execute(statement) if found}


async def listing(
    session: AsyncSession, wanted: Filters, *, after: tuple[str, int], limit: int
) -> Sequence[Row[Assignment, str | None]]:
    """Assignments of a day and the people's names, by personnel number."""
    key = tuple_(Assignment.personnel_number, Assignment.id)
    statement = (
        select(Assignment, PersonDetail.name)
        .outerjoin(PersonDetail, PersonDetail.personnel_number == Assignment.personnel_number)
        .where(Assignment.main == wanted.main, *_holding(wanted.on), key > after)
        .order_by(Assignment.personnel_number, Assignment.id)
        .limit(limit)
        .options(selectinload(Assignment.place))
    )
    if wanted.office is not None:
        office = select(Office.id).where(Office.code == wanted.office).scalar_subquery()
        statement = statement.where(Assignment.office_id == office)
    if wanted.employment is not None:
        statement = statement.where(Assignment.employment == wanted.employment)
    if wanted.role is not None:
        statement = statement.where(Assignment.role == wanted.role)
    if wanted.kind is not None:
        statement = statement.where(_kind_of(Assignment.office_id, wanted.on) == wanted.kind)
    return (await session.execute(statement)).all()


def _kind_of(office: SQLColumnExpression[int], on: date) -> ColumnElement[str]:
    """The kind of office of the day, as the headcount has it."""
    past = (
        select(OfficeKindPeriod.kind)
        .where(OfficeKindPeriod.office_id == office, OfficeKindPeriod.valid_until >= on)
        .order_by(OfficeKindPeriod.valid_until)
        .limit(1)
        .scalar_subquery()
    )
    now = select(Office.kind).where(Office.id == office).scalar_subquery()
    return func.coalesce(past, now)


async def counted(session: AsyncSession, on: date) -> list[tuple[str, str, str, int]]:
    """People by employment, role and kind of office on a day."""
    rows = await session.execute(text(HEADCOUNT_SQL), {"on": on})
    return [(employment, role, kind, people) for employment, role, kind, people in rows]


async def save(session: AsyncSession, new: Iterable[object]) -> None:
    """What changed, then what is new: a successor may not meet what it ends.

    Two requests may both find a number or a national id free; the later one is refused here.
    """
    try:
        await session.flush()
        session.add_all(new)
        await session.flush()
    except IntegrityError as error:
        raise SentAtOnce("another request recorded the same just now: send it again") from error


async def forget(session: AsyncSession, person: Person) -> None:
    """Delete who a person is."""
    number = person.personnel_number
    await session.execute(delete(PersonDetail).where(PersonDetail.personnel_number == number))
    set_committed_value(person, "detail", None)


async def tell(
    session: AsyncSession, events: Iterable[tuple[str, str, dict[str, Any]]], now: datetime
) -> None:
    """Events of type, subject and data, in one round trip."""
    rows = [(kind, subject, now, json.dumps(data)) for kind, subject, data in events]
    await (await driver(session)).executemany(outbox.APPEND_SQL, rows)
