"""SQL of counted mail: consignments, and the roll-up in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.counted.models import CountedConsignment
from shared.calendar import Period

_COLUMNS: Final = (
    "office, reference, product, kind, direction, to_office, bag, day, items, weight_g"
)

# in the order of the reference, in which two batches lock what both have
_INSERT_SQL: Final = f"""
INSERT INTO counted_consignment (id, {_COLUMNS}, reverses, recorded_at, recorded_by)
SELECT uuidv7(), {_COLUMNS}, reverses, $12, $13
FROM unnest($1::int[], $2::text[], $3::smallint[], $4::text[], $5::smallint[], $6::int[],
    $7::bigint[], $8::date[], $9::int[], $10::bigint[], $11::uuid[])
    AS c ({_COLUMNS}, reverses)
ORDER BY office, reference ON CONFLICT DO NOTHING RETURNING *
"""

_ADD_SQL: Final = """
INSERT INTO counted_daily AS d (day, office, product, kind, direction, items, weight_g,
    consignments)
SELECT day, office, product, kind, direction, sum(sign * items), sum(sign * weight_g), sum(sign)
FROM unnest($1::date[], $2::int[], $3::smallint[], $4::text[], $5::smallint[], $6::int[],
    $7::bigint[], $8::int[]) AS c (day, office, product, kind, direction, items, weight_g, sign)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (day, office, product, kind, direction) DO UPDATE SET
    items = d.items + excluded.items, weight_g = d.weight_g + excluded.weight_g,
    consignments = d.consignments + excluded.consignments
"""

_KNOWN_SQL: Final = """
SELECT c.* FROM counted_consignment c
JOIN unnest($1::int[], $2::text[]) AS k (office, reference) USING (office, reference)
"""

_REPORT_SQL: Final = """
SELECT product, kind, direction,
    coalesce(sum(items) FILTER (WHERE day >= $1 AND day < $2), 0)::bigint AS items,
    coalesce(sum(weight_g) FILTER (WHERE day >= $1 AND day < $2), 0)::bigint AS weight_g,
    coalesce(sum(consignments) FILTER (WHERE day >= $1 AND day < $2), 0)::bigint AS consignments,
    coalesce(sum(items) FILTER (WHERE day >= $3 AND day < $4), 0)::bigint AS previous_items
FROM counted_daily
WHERE (day >= $1 AND day < $2) OR (day >= $3 AND day < $4)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class NewRow:
    office: int
    reference: str
    product: int
    kind: str
    direction: int
    to_office: int | None
    bag: int | None
    day: date
    items: int
    weight_g: int
    reverses: UUID | None = None

    @property
    def key(self) -> tuple[int, str]:
        return (self.office, self.reference)

    def columns(self) -> tuple[Any, ...]:
        return (
            self.office,
            self.reference,
            self.product,
            self.kind,
            self.direction,
            self.to_office,
            self.bag,
            self.day,
            self.items,
            self.weight_g,
            self.reverses,
        )


async def add(
    connection: asyncpg.Connection, rows: Sequence[NewRow], now: datetime, by: str
) -> list[asyncpg.Record]:
    """Record consignments that are new, and count them; those."""
    columns = (list(c) for c in zip(*(row.columns() for row in rows), strict=True))
    added: list[asyncpg.Record] = await connection.fetch(_INSERT_SQL, *columns, now, by)
    if added:
        names = ("day", "office", "product", "kind", "direction", "items", "weight_g")
        signs = [1 if row["reverses"] is None else -1 for row in added]
        await connection.execute(_ADD_SQL, *([row[name] for row in added] for name in names), signs)
    return added


async def known(
    connection: asyncpg.Connection, keys: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], asyncpg.Record]:
    rows = await connection.fetch(_KNOWN_SQL, [o for o, _ in keys], [r for _, r in keys])
    return {(row["office"], row["reference"]): row for row in rows}


async def existing_bags(connection: asyncpg.Connection, bags: Sequence[int]) -> set[int]:
    rows = await connection.fetch("SELECT id FROM bag WHERE id = ANY($1)", bags)
    return {row["id"] for row in rows}


async def get(session: AsyncSession, consignment: UUID) -> CountedConsignment | None:
    return await session.get(CountedConsignment, consignment)


async def listing(
    session: AsyncSession,
    office: int | None,
    day: date | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> Sequence[CountedConsignment]:
    """Newest day first."""
    key = (CountedConsignment.day, CountedConsignment.id)
    statement = select(CountedConsignment).order_by(*(column.desc() for column in key)).limit(limit)
    if office is not None:
        statement = statement.where(CountedConsignment.office == office)
    if day is not None:
        statement = statement.where(CountedConsignment.day == day)
    if after is not None:
        statement = statement.where(tuple_(*key) < tuple_(*after))
    return (await session.scalars(statement)).all()


async def report(
    connection: asyncpg.Connection, period: Period, before: Period
) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await connection.fetch(
        _REPORT_SQL, period.start, period.end, before.start, before.end
    )
    return found
