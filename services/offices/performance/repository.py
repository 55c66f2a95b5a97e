"""SQL of services performed and their roll-up."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.performance.domain import Cell, Record
from services.offices.performance.errors import RecordNotFound
from shared.calendar import Period

# Offices and services are locked in one order before rows refer to them: the foreign keys' own
# locks would come in the order of the records, against those who change several offices.
_OFFICES: Final = """
SELECT id, code, kind FROM office WHERE code = ANY ($1::text[]) ORDER BY id FOR KEY SHARE
"""
_SERVICES: Final = """
SELECT code, valid_from, valid_until, electronic, at_counter FROM delegated_service
WHERE code = ANY ($1::text[]) ORDER BY code FOR KEY SHARE
"""
_OFFERED: Final = """
SELECT office_id, service, valid_from, valid_until FROM offering
WHERE office_id = ANY ($1::integer[]) AND service = ANY ($2::text[])
"""
# in the order of the ids, so that two batches with the same records wait and do not deadlock
_INSERT: Final = """
INSERT INTO performed (record_id, office_id, kind, service, day, count, electronic, flags,
    recorded_by, recorded_at)
SELECT record_id, office_id, kind, service, day, count, electronic,
    string_to_array(flags, ','), $9, $10
FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::date[], $6::integer[],
    $7::boolean[], $8::text[])
    AS r (record_id, office_id, kind, service, day, count, electronic, flags)
ORDER BY record_id
ON CONFLICT DO NOTHING RETURNING record_id
"""
_KNOWN: Final = """
SELECT p.record_id, o.code AS office, p.service, p.day, p.count, p.electronic
FROM performed p JOIN office o ON o.id = p.office_id WHERE p.record_id = ANY ($1::uuid[])
"""
_ADD: Final = """
INSERT INTO performed_daily AS d (day, service, kind, electronic, count)
SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::boolean[], $5::bigint[])
ON CONFLICT (day, service, kind, electronic) DO UPDATE SET count = d.count + excluded.count
"""
# where the services for principals were done; sorted for the same reason as the cells
_ADD_BY_OFFICE: Final = """
INSERT INTO performed_by_office AS d (day, office_id, electronic, count)
SELECT p.day, p.office_id, p.electronic, sum(p.count)
FROM performed p JOIN delegated_service s ON s.code = p.service AND s.delegated
WHERE p.record_id = ANY ($1::uuid[])
GROUP BY p.day, p.office_id, p.electronic ORDER BY p.day, p.office_id, p.electronic
ON CONFLICT (day, office_id, electronic) DO UPDATE SET count = d.count + excluded.count
"""
_REVERSE: Final = text("""
INSERT INTO performed (office_id, kind, service, day, count, electronic, flags, reverses, reason,
    recorded_by, recorded_at)
SELECT office_id, kind, service, day, -count, electronic, flags, record_id, :reason,
    :recorded_by, :now
FROM performed WHERE record_id = :record_id
ON CONFLICT (reverses) DO NOTHING RETURNING record_id
""")
_SHOWN: Final = """
SELECT p.record_id, o.code AS office, p.kind, p.service, p.day, p.count, p.electronic, p.flags,
    p.reverses, p.reason, p.recorded_at, p.count * price.fee_rials AS fee_rials,
    p.count * price.office_share_rials AS office_share_rials
FROM performed p JOIN office o ON o.id = p.office_id
CROSS JOIN LATERAL (
    SELECT fee_rials, office_share_rials FROM service_price c WHERE c.service = p.service
    ORDER BY c.valid_from <= p.day DESC,
        CASE WHEN c.valid_from <= p.day THEN c.valid_from END DESC, c.valid_from LIMIT 1
) price
"""
_ONE: Final = text(f"{_SHOWN} WHERE p.record_id = :record_id")
_LIST: Final = text(f"""
{_SHOWN}
WHERE p.office_id = :office_id AND p.day BETWEEN :first AND :last
  AND (p.day, p.record_id) > (:day, :record_id)
ORDER BY p.day, p.record_id LIMIT :limit
""")
_OF_SERVICE: Final = text(f"""
{_SHOWN}
WHERE p.service = :service AND p.day >= :start AND p.day < :end
  AND (p.day, p.record_id) > (:day, :record_id)
ORDER BY p.day, p.record_id LIMIT :limit
""")
_IN_FORCE: Final = text("""
SELECT count(*) AS in_force, count(*) FILTER (WHERE electronic) AS electronic
FROM delegated_service
WHERE delegated AND valid_from <= :day AND (valid_until IS NULL OR valid_until >= :day)
""")
_SUMS: Final = text("""
SELECT d.service, s.name, s.principal, d.kind, d.electronic,
    coalesce(sum(d.count) FILTER (WHERE d.day >= :start AND d.day < :end), 0)::bigint AS count,
    coalesce(sum(d.count) FILTER (WHERE d.day >= :before AND d.day < :until), 0)::bigint AS previous
FROM performed_daily d JOIN delegated_service s ON s.code = d.service AND s.delegated
WHERE (d.day >= :start AND d.day < :end) OR (d.day >= :before AND d.day < :until)
GROUP BY d.service, s.name, s.principal, d.kind, d.electronic
ORDER BY d.service, d.kind, d.electronic
""")
_RECOUNT: Final = text("""
SELECT day, service, kind, electronic, sum(count)::bigint FROM performed
GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0
""")


async def offices(connection: asyncpg.Connection, codes: Collection[str]) -> dict[str, Any]:
    """Number and kind of those that exist, by code; they are not deleted until the end."""
    return {row["code"]: row for row in await connection.fetch(_OFFICES, list(codes))}


async def services(connection: asyncpg.Connection, codes: Collection[str]) -> dict[str, Any]:
    return {row["code"]: row for row in await connection.fetch(_SERVICES, list(codes))}


async def offered(
    connection: asyncpg.Connection, office_ids: Collection[int], services: Collection[str]
) -> Sequence[Any]:
    rows: Sequence[Any] = await connection.fetch(_OFFERED, list(office_ids), list(services))
    return rows


@dataclass(frozen=True, slots=True)
class Row:
    """A record to be kept, with what is known of its office."""

    record: Record
    office_id: int
    kind: str
    flags: Sequence[str]


async def insert(
    connection: asyncpg.Connection, rows: Sequence[Row], recorded_by: str, now: datetime
) -> set[UUID]:
    """The ids of those that were new; a concurrent batch with the same ids is waited for."""
    records = [row.record for row in rows]
    fresh = await connection.fetch(
        _INSERT,
        [record.record_id for record in records],
        [row.office_id for row in rows],
        [row.kind for row in rows],
        [record.service for record in records],
        [record.day for record in records],
        [record.count for record in records],
        [record.electronic for record in records],
        [",".join(row.flags) for row in rows],
        recorded_by,
        now,
    )
    return {row["record_id"] for row in fresh}


async def known(connection: asyncpg.Connection, ids: Collection[UUID]) -> dict[UUID, Record]:
    rows = await connection.fetch(_KNOWN, list(ids))
    return {row["record_id"]: Record(**row) for row in rows}


async def add(connection: asyncpg.Connection, cells: Mapping[Cell, int]) -> None:
    """Add to the roll-up, sorted, so that two writers lock cells in one order."""
    rows = sorted(cells.items())
    if rows:
        await connection.execute(
            _ADD,
            [cell[0] for cell, _ in rows],
            [cell[1] for cell, _ in rows],
            [cell[2] for cell, _ in rows],
            [cell[3] for cell, _ in rows],
            [count for _, count in rows],
        )


async def add_by_office(connection: asyncpg.Connection, ids: Collection[UUID]) -> None:
    """Add these records, just inserted, to the sums by office."""
    await connection.execute(_ADD_BY_OFFICE, list(ids))


async def reverse(
    session: AsyncSession, record_id: UUID, *, reason: str, recorded_by: str, now: datetime
) -> UUID | None:
    """The id of the new row; None where the record has a reversal already."""
    values = {"record_id": record_id, "reason": reason, "recorded_by": recorded_by, "now": now}
    found: UUID | None = (await session.execute(_REVERSE, values)).scalar()
    return found


async def shown(session: AsyncSession, record_id: UUID) -> dict[str, Any]:
    """A record with its office's code and kind and the money of its day."""
    row = (await session.execute(_ONE, {"record_id": record_id})).mappings().one_or_none()
    if row is None:
        raise RecordNotFound(f"there is no record {record_id}")
    return dict(row)


async def listing(
    session: AsyncSession,
    office_id: int,
    days: tuple[date, date],
    after: tuple[date, UUID],
    limit: int,
) -> list[dict[str, Any]]:
    values = {"office_id": office_id, "first": days[0], "last": days[1], "limit": limit}
    values |= {"day": after[0], "record_id": after[1]}
    return [dict(row) for row in (await session.execute(_LIST, values)).mappings()]


async def of_service(
    session: AsyncSession, service: str, period: Period, after: tuple[date, UUID], limit: int
) -> list[dict[str, Any]]:
    """The records that a service's number in a period is the sum of."""
    values = {"service": service, "start": period.start, "end": period.end, "limit": limit}
    values |= {"day": after[0], "record_id": after[1]}
    return [dict(row) for row in (await session.execute(_OF_SERVICE, values)).mappings()]


@dataclass(frozen=True, slots=True)
class SumRow:
    service: str
    name: str
    principal: str
    kind: str
    electronic: bool
    count: int
    previous: int


async def sums(session: AsyncSession, period: Period, before: Period) -> list[SumRow]:
    """Of delegated services, by service, kind of office and channel."""
    values = {"start": period.start, "end": period.end}
    values |= {"before": before.start, "until": before.end}
    return [SumRow(*row) for row in await session.execute(_SUMS, values)]


async def in_force(session: AsyncSession, day: date) -> dict[str, int]:
    """How many delegated services are valid on a day, and how many of them electronic."""
    return dict((await session.execute(_IN_FORCE, {"day": day})).mappings().one())


async def recount(session: AsyncSession) -> dict[Cell, int]:
    """The roll-up counted from the records: proves it (tests and audit only)."""
    rows = await session.execute(_RECOUNT)
    return {(day, service, kind, electronic): n for day, service, kind, electronic, n in rows}
