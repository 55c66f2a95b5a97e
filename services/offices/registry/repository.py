"""All SQL of the registry. Offices are public: there is nothing here that only some may see."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Text,
    cast,
    delete,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.offices.registry.domain import Capability, Kind, Status
from services.offices.registry.errors import OfficeNotFound, UnknownTown
from services.offices.registry.models import OFFICE_NUMBER, Office, OwnerPerson, SearchWord, Town

TOWNS_MAX: Final = 1_000
SEEDING_LOCK: Final = 0x5053_0003

Sort = Literal["code", "name", "updated_at"]
ORDERS: Final[Mapping[Sort, tuple[SQLColumnExpression[Any], ...]]] = {
    "code": (Office.id,),  # the number within the code
    "name": (func.fa_key(Office.name).collate("C"), Office.id),
    "updated_at": (Office.updated_at, Office.id),
}
"""Each has its index."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a list; None leaves all in."""

    kind: Kind | None = None
    town: str | None = None
    county: str | None = None
    status: Status | None = None
    capability: Capability | None = None
    sorting_centre: str | None = None
    changed_since: datetime | None = None


async def towns(session: AsyncSession) -> Sequence[Town]:
    return (await session.scalars(select(Town).order_by(Town.slug).limit(TOWNS_MAX))).all()


async def town(session: AsyncSession, slug: str) -> Town:
    found = await session.get(Town, slug)
    if found is None:
        raise UnknownTown(f"there is no town {slug}; see /v1/towns")
    return found


async def next_numbers(session: AsyncSession, count: int) -> list[int]:
    """Fresh office numbers, ascending; numbers of a transaction that fails stay unused."""
    series = func.generate_series(1, count).table_valued("n")
    return list(await session.scalars(select(OFFICE_NUMBER.next_value()).select_from(series)))


async def get(session: AsyncSession, code: str) -> Office:
    statement = select(Office).where(Office.code == code).options(selectinload(Office.place))
    found = await session.scalar(statement)
    if found is None:
        raise OfficeNotFound(f"there is no office {code}")
    return found


async def lock(session: AsyncSession, codes: Iterable[str]) -> dict[str, Office]:
    """Those of these offices that exist, by code, locked until the transaction ends.

    Locks are taken in the order of numbers, so that two of these cannot deadlock.

    The town is a statement of its own: joined to the locked row, it would be the one from before
    the wait, and a row whose town had changed meanwhile would drop out of the result.
    """
    statement = (
        select(Office)
        .where(Office.code.in_(list(codes)))
        .order_by(Office.id)
        .with_for_update()
        .options(selectinload(Office.place))
    )
    return {office.code: office for office in await session.scalars(statement)}


async def keep_words(session: AsyncSession, words: Sequence[str]) -> None:
    """Add those that are new; in one order, so that two of these cannot deadlock."""
    if words:
        statement = insert(SearchWord).from_select(
            ["word"], select(func.unnest(cast(words, ARRAY(Text))))
        )
        await session.execute(statement.on_conflict_do_nothing())


async def sorts_for_others(session: AsyncSession, centre: str) -> bool:
    statement = select(Office.id).where(Office.sorting_centre == centre, Office.status != "closed")
    return await session.scalar(statement.limit(1)) is not None


async def person_name(session: AsyncSession, person: UUID) -> str | None:
    """Personal data: for staff, and for telling whether a correction corrects."""
    return await session.scalar(select(OwnerPerson.name).where(OwnerPerson.id == person))


async def forget_person(session: AsyncSession, person: UUID) -> None:
    await session.execute(delete(OwnerPerson).where(OwnerPerson.id == person))


async def listing(
    session: AsyncSession,
    wanted: Filters,
    sort: Sort,
    *,
    after: Sequence[Any] | None,
    limit: int,
) -> Sequence[Office]:
    """Those after the sort key `after`, which ends in the office's number."""
    statement = listing_statement(wanted, sort, after=after).limit(limit)
    return (await session.scalars(statement.options(selectinload(Office.place)))).all()


def listing_statement(
    wanted: Filters, sort: Sort, *, after: Sequence[Any] | None = None
) -> Select[Office]:
    order = ORDERS[sort]
    statement = select(Office).where(*_wanted(wanted)).order_by(*order)
    if wanted.county is not None:
        statement = statement.join(Office.place)
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple_(*after))
    return statement


def _wanted(wanted: Filters) -> Iterator[ColumnElement[bool]]:
    columns: dict[str, SQLColumnExpression[Any]] = {
        "kind": Office.kind,
        "town": Office.town,
        "county": Town.county,
        "status": Office.status,
        "sorting_centre": Office.sorting_centre,
    }
    for name, column in columns.items():
        if (value := getattr(wanted, name)) is not None:
            yield column == value
    if wanted.capability is not None:
        yield Office.capabilities.contains([wanted.capability])
    if wanted.changed_since is not None:
        yield Office.updated_at >= wanted.changed_since


async def lock_seeding(session: AsyncSession) -> None:
    """One seeding at a time, until the transaction ends; it takes as long as that of another."""
    await session.execute(text("SET LOCAL lock_timeout = 0"))
    await session.execute(text("SET LOCAL statement_timeout = '120s'"))
    await session.execute(select(func.pg_advisory_xact_lock(SEEDING_LOCK)))


async def add_towns(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the towns that are missing; how many were."""
    statement = insert(Town).values(rows).on_conflict_do_nothing().returning(Town.slug)
    return len((await session.scalars(statement)).all())


async def loaded_codes(session: AsyncSession) -> dict[str, str]:
    """The codes of offices loaded from a source, by their key there."""
    statement = select(Office.source_key, Office.code).where(Office.source_key.is_not(None))
    return {key: code for key, code in await session.execute(statement) if key is not None}
