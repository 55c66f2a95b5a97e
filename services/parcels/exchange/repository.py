"""SQL of operators, dispatches and pre-advice."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.exchange.models import Dispatch, Operator, PreAdvice

MATCH_LOCK: Final = 0x5053_0012

_CONTENT_SQL: Final = """
SELECT b.id, b.receptacle, b.weight_g, b.status, (SELECT count(*) FROM bag_member m
    WHERE m.bag = b.id AND m.until_at = 'infinity') AS items
FROM bag b WHERE b.dispatch = $1 ORDER BY b.id
"""

_SEEN_SQL: Final = """
UPDATE pre_advice_item p SET seen_at = s.at
FROM unnest($1::text[], $2::timestamptz[]) AS s (barcode, at)
WHERE p.barcode = s.barcode AND p.seen_at IS NULL
"""

_ADVISED_SQL: Final = """
INSERT INTO pre_advice_item (pre_advice, barcode, code, receptacle, listed, seen_at)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::bool[], $6::timestamptz[])
ON CONFLICT DO NOTHING
"""

_CAME_SQL: Final = """
SELECT m.item_id, b.receptacle, min(m.from_at) AS at
FROM bag b JOIN bag_member m ON m.bag = b.id
WHERE b.receptacle >= $1 AND b.receptacle < $1 || '~' AND b.created_at >= $2
GROUP BY m.item_id, b.receptacle ORDER BY m.item_id
"""

_COUNTS = text("""
SELECT count(*) FILTER (WHERE listed) AS listed,
    count(*) FILTER (WHERE listed AND seen_at IS NOT NULL) AS seen,
    count(*) FILTER (WHERE listed AND seen_at IS NULL) AS missing,
    count(*) FILTER (WHERE NOT listed) AS surplus
FROM pre_advice_item WHERE pre_advice = :pre_advice
""")

_STATES: Final = {
    "seen": "listed AND seen_at IS NOT NULL",
    "missing": "seen_at IS NULL",
    "surplus": "NOT listed",
}


async def new_id(session: AsyncSession) -> UUID:
    """Grows with time, so that lists are in order."""
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made


async def operators(session: AsyncSession, after: str | None, limit: int) -> Sequence[Operator]:
    statement = select(Operator).order_by(Operator.code).limit(limit)
    if after is not None:
        statement = statement.where(Operator.code > after)
    return (await session.scalars(statement)).all()


async def operator(session: AsyncSession, code: str, *, lock: bool = False) -> Operator | None:
    statement = select(Operator).where(Operator.code == code)
    if lock:
        statement = statement.with_for_update(key_share=True)
    return await session.scalar(statement)


async def operator_by_id(session: AsyncSession, number: int, *, lock: bool = False) -> Operator:
    statement = select(Operator).where(Operator.id == number)
    if lock:
        statement = statement.with_for_update(key_share=True)
    return (await session.scalars(statement)).one()


async def codes(session: AsyncSession, numbers: Collection[int]) -> dict[int, str]:
    """Operators' codes by their numbers."""
    found = await session.execute(
        select(Operator.id, Operator.code).where(Operator.id.in_(numbers))
    )
    return {row.id: row.code for row in found}


async def lock_name(session: AsyncSession, name: str) -> None:
    """Until the transaction ends: who creates under a name does so alone."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 12))"), {"name": name}
    )


async def last_number(session: AsyncSession, series: str, year: int) -> int:
    found = await session.scalar(
        select(func.max(Dispatch.number)).where(Dispatch.series == series, Dispatch.year == year)
    )
    return found or 0


async def dispatch(
    session: AsyncSession, dispatch_id: UUID, *, lock: bool = False
) -> Dispatch | None:
    statement = select(Dispatch).where(Dispatch.id == dispatch_id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    return await session.scalar(statement)


async def dispatches(
    session: AsyncSession,
    status: str | None,
    operator_id: int | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Dispatch]:
    """Newest first."""
    statement = select(Dispatch).order_by(Dispatch.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(Dispatch.status == status)
    if operator_id is not None:
        statement = statement.where(Dispatch.operator == operator_id)
    if after is not None:
        statement = statement.where(Dispatch.id < after)
    return (await session.scalars(statement)).all()


async def of_receipt(session: AsyncSession, operator_id: int, receipt: str) -> UUID | None:
    return await session.scalar(
        select(Dispatch.id).where(Dispatch.operator == operator_id, Dispatch.receipt == receipt)
    )


async def content(connection: asyncpg.Connection, dispatch_id: UUID) -> list[asyncpg.Record]:
    """A dispatch's bags in the order of their ids."""
    found: list[asyncpg.Record] = await connection.fetch(_CONTENT_SQL, dispatch_id)
    return found


async def put_into(
    connection: asyncpg.Connection,
    dispatch_id: UUID,
    weights_g: Mapping[int, int | None],
    now: datetime,
) -> None:
    """Bags, which are locked, go with the dispatch; a weight that is told is kept."""
    await connection.execute(
        "UPDATE bag b SET dispatch = $1, weight_g = coalesce(s.weight_g, b.weight_g),"
        " version = version + 1, updated_at = $4"
        " FROM unnest($2::bigint[], $3::int[]) AS s (id, weight_g) WHERE b.id = s.id",
        dispatch_id,
        list(weights_g),
        list(weights_g.values()),
        now,
    )


async def name_receptacles(
    connection: asyncpg.Connection, numbers: Mapping[int, str], now: datetime
) -> None:
    await connection.execute(
        "UPDATE bag b SET receptacle = s.receptacle, version = version + 1, updated_at = $3"
        " FROM unnest($1::bigint[], $2::text[]) AS s (id, receptacle) WHERE b.id = s.id",
        list(numbers),
        list(numbers.values()),
        now,
    )


async def lock_matching(session: AsyncSession) -> None:
    """A list and the scans of its items are matched one after the other, until one commits."""
    await session.execute(select(func.pg_advisory_xact_lock(MATCH_LOCK)))


async def pre_advice(session: AsyncSession, advice_id: UUID) -> PreAdvice | None:
    return await session.get(PreAdvice, advice_id)


async def pre_advice_of(
    session: AsyncSession, dispatch_number: str, operator_id: int | None, year: int
) -> PreAdvice | None:
    """The newest of a dispatch of that year; of an operator, or of whichever."""
    statement = (
        select(PreAdvice)
        .where(PreAdvice.dispatch == dispatch_number, PreAdvice.year == year)
        .order_by(PreAdvice.id.desc())
        .limit(1)
    )
    if operator_id is not None:
        statement = statement.where(PreAdvice.operator == operator_id)
    return await session.scalar(statement)


async def pre_advices(
    session: AsyncSession, dispatch_number: str | None, after: UUID | None, limit: int
) -> Sequence[PreAdvice]:
    """Newest first."""
    statement = select(PreAdvice).order_by(PreAdvice.id.desc()).limit(limit)
    if dispatch_number is not None:
        statement = statement.where(PreAdvice.dispatch == dispatch_number)
    if after is not None:
        statement = statement.where(PreAdvice.id < after)
    return (await session.scalars(statement)).all()


async def advise(
    connection: asyncpg.Connection,
    advice_id: UUID,
    rows: Sequence[tuple[str, str, str | None, bool, datetime | None]],
) -> None:
    """Barcode, code, receptacle, listed, seen_at; what is there already stays."""
    if rows:
        columns = (list(c) for c in zip(*sorted(rows), strict=True))
        await connection.execute(_ADVISED_SQL, advice_id, *columns)


async def see(connection: asyncpg.Connection, seen: Mapping[str, datetime]) -> None:
    """Mark listed items as seen, in the order in which writers lock them."""
    found = sorted(seen.items())
    await connection.execute(_SEEN_SQL, [b for b, _ in found], [at for _, at in found])


async def came_with(
    connection: asyncpg.Connection, dispatch_number: str, since: datetime
) -> list[asyncpg.Record]:
    """What was found in receptacles of a dispatch, by item."""
    found: list[asyncpg.Record] = await connection.fetch(_CAME_SQL, dispatch_number, since)
    return found


async def listed_in(
    session: AsyncSession, advice_id: UUID, receptacle: str
) -> tuple[set[str], set[str]]:
    """All barcodes of a list, and those of one receptacle."""
    rows = await session.execute(
        text("SELECT barcode, receptacle FROM pre_advice_item WHERE pre_advice = :id AND listed"),
        {"id": advice_id},
    )
    every = [(row.barcode, row.receptacle) for row in rows]
    return {code for code, _ in every}, {code for code, where in every if where == receptacle}


async def counts(session: AsyncSession, advice_id: UUID) -> dict[str, int]:
    found = await session.execute(_COUNTS, {"pre_advice": advice_id})
    return dict(found.mappings().one())


async def advised(
    session: AsyncSession, advice_id: UUID, state: str | None, after: str | None, limit: int
) -> Sequence[Any]:
    """By barcode."""
    wanted = "true" if state is None else _STATES[state]
    found = await session.execute(
        text(
            "SELECT barcode, code, receptacle, listed, seen_at FROM pre_advice_item"
            f" WHERE pre_advice = :id AND barcode > :after AND {wanted}"
            " ORDER BY barcode LIMIT :limit"
        ),
        {"id": advice_id, "after": after or "", "limit": limit},
    )
    return found.all()
