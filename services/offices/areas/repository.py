"""All SQL of service areas. They are public, as offices are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import INT8RANGE, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.offices.areas.domain import CodeRange
from services.offices.areas.models import Area, AreaRange
from services.offices.registry.models import Office

OFFICES_MAX: Final = 200


async def area(session: AsyncSession, office: Office) -> Area | None:
    return await session.get(Area, office.id)


async def ranges(session: AsyncSession, office: Office) -> list[CodeRange]:
    """In order."""
    statement = select(func.lower(AreaRange.codes), func.upper(AreaRange.codes))
    rows = await session.execute(
        statement.where(AreaRange.office_id == office.id).order_by(AreaRange.codes)
    )
    return [CodeRange(lower, upper) for lower, upper in rows]


async def replace(
    session: AsyncSession, office: Office, wanted: Sequence[CodeRange], now: datetime
) -> int:
    """Of a locked office: these ranges and no others. The area's new version."""
    found = await area(session, office)
    if found is None:
        found = Area(office_id=office.id, version=0, updated_at=now)
        session.add(found)
    found.version += 1
    found.updated_at = now
    await session.flush()
    await session.execute(delete(AreaRange).where(AreaRange.office_id == office.id))
    if wanted:
        rows = [{"office_id": office.id, "codes": Range(*codes)} for codes in wanted]
        await session.execute(insert(AreaRange).values(rows))
    return found.version


async def offices_of(session: AsyncSession, number: int) -> Sequence[Office]:
    """Whose area holds a postal code; by code."""
    statement = offices_of_statement(number).order_by(Office.id).limit(OFFICES_MAX)
    return (await session.scalars(statement)).all()


def offices_of_statement(number: int) -> Select[Office]:
    return (
        select(Office)
        .join(AreaRange, AreaRange.office_id == Office.id)
        .where(AreaRange.codes.op("@>")(literal(number, BigInteger)), Office.status != "closed")
    )


class Overlap(NamedTuple):
    one: Office
    other: Office
    codes: CodeRange


async def overlaps(
    session: AsyncSession, *, after: tuple[int, int, int] | None, limit: int
) -> list[Overlap]:
    """Pairs of offices with codes in common, by their numbers and the first such code.

    A sorting centre's area holds those of the offices it sorts for: it overlaps other centres only.
    """
    mine, theirs = aliased(AreaRange), aliased(AreaRange)
    one, other = aliased(Office), aliased(Office)
    common: ColumnElement[Range[int]] = mine.codes.op("*", return_type=INT8RANGE())(theirs.codes)
    key = (mine.office_id, theirs.office_id, func.lower(common, type_=BigInteger))
    statement = (
        select(one, other, key[2], func.upper(common, type_=BigInteger))
        .select_from(mine)
        .join(theirs, mine.codes.overlaps(theirs.codes))
        .join(one, one.id == mine.office_id)
        .join(other, other.id == theirs.office_id)
        .where(mine.office_id < theirs.office_id)
        .where(one.status != "closed", other.status != "closed")
        .where((one.kind == "sorting_centre") == (other.kind == "sorting_centre"))
        .order_by(*key)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple_(*after), mine.office_id >= after[0])
    rows = await session.execute(statement)
    return [Overlap(one, other, CodeRange(low, high)) for one, other, low, high in rows]
