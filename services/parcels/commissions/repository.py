"""SQL of commissions."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.commissions.domain import Accepted, Contract, Term
from services.parcels.commissions.models import (
    CommissionDeduction,
    CommissionStatement,
    OfficeContract,
)
from shared.database import driver

LOCK: Final = 0x5053_0015
OFFICES: Final = 200

_CONTRACTS = text("""
INSERT INTO office_contract AS c (id, number, office, valid_from, valid_until, terminated_on,
                                  commission, version)
SELECT * FROM json_to_recordset(CAST(:contracts AS json)) AS r (id uuid, number text, office text,
    valid_from date, valid_until date, terminated_on date, commission json, version int)
ON CONFLICT (id) DO UPDATE SET number = excluded.number, office = excluded.office,
    valid_from = excluded.valid_from, valid_until = excluded.valid_until,
    terminated_on = excluded.terminated_on, commission = excluded.commission,
    version = excluded.version
WHERE c.version < excluded.version
""")

# the post's own offices have no contract
_OFFICES_SQL: Final = """
SELECT p.item_id, p.origin_office, (
    SELECT max(s.month) FROM commission_statement s WHERE s.office = p.origin_office) AS closed
FROM unnest($1::bigint[]) AS i (item_id) JOIN parcel p USING (item_id)
JOIN office o ON o.id = p.origin_office
WHERE o.kind NOT IN ('post_office', 'sorting_centre') AND p.tariff IS NOT NULL
"""

_ADD_SQL: Final = """
INSERT INTO office_acceptance (office, day, item_id, seq, sign, accepted_on)
SELECT * FROM unnest($1::int[], $2::date[], $3::bigint[], $4::int[], $5::smallint[], $6::date[])
ON CONFLICT DO NOTHING
"""

_ACCEPTED = text("""
SELECT a.accepted_on, p.product, p.price_rials, sum(a.sign)::int AS items
FROM office_acceptance a JOIN parcel p USING (item_id)
WHERE a.office = :office AND a.day >= :start AND a.day < :end
GROUP BY a.accepted_on, p.product, p.price_rials HAVING sum(a.sign) <> 0
""")

_ITEMS = text("""
SELECT a.day, a.item_id, a.seq, a.sign, a.accepted_on, p.product, p.price_rials
FROM office_acceptance a JOIN parcel p USING (item_id)
WHERE a.office = :office AND a.day >= :start AND a.day < :end
    AND (a.day, a.item_id, a.seq, a.sign) > (:day, :item_id, :seq, :sign)
ORDER BY a.day, a.item_id, a.seq, a.sign LIMIT :limit
""")

_FIRST_OPEN = text("""
SELECT least(
    (SELECT min(day) FROM office_acceptance WHERE office = :office AND day >= :since),
    (SELECT min(day) FROM commission_deduction WHERE office = :office AND day >= :since))
""")

_DUE = text("""
SELECT o.id FROM office o
WHERE o.id > :after AND (
    EXISTS (SELECT FROM office_acceptance a
        WHERE a.office = o.id AND a.day >= :start AND a.day < :end)
    OR EXISTS (SELECT FROM commission_deduction d
        WHERE d.office = o.id AND d.day >= :start AND d.day < :end))
    AND NOT EXISTS (SELECT FROM commission_statement s WHERE s.office = o.id AND s.month >= :month)
ORDER BY o.id LIMIT :limit
""")


async def lock(session: AsyncSession) -> None:
    """One writer of commissions at a time, until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(LOCK)))


async def upsert_contracts(session: AsyncSession, contracts: Sequence[dict[str, Any]]) -> None:
    """Take over contracts; an older version never overwrites a newer one."""
    await session.execute(_CONTRACTS, {"contracts": to_json(contracts).decode()})


async def forget_contract_versions(session: AsyncSession) -> None:
    """Before they are told again: any state of a contract is news."""
    await session.execute(update(OfficeContract).values(version=-1))


async def contracts(session: AsyncSession, office: str, first: date, last: date) -> list[Contract]:
    """Of an office, those that may hold on some day from `first` to `last`."""
    statement = select(OfficeContract).where(
        OfficeContract.office == office,
        OfficeContract.valid_from <= last,
        OfficeContract.valid_until >= first,
    )
    return [
        Contract(
            row.number,
            row.valid_from,
            row.valid_until,
            row.terminated_on,
            tuple(_term(term) for term in row.commission),
        )
        for row in await session.scalars(statement.order_by(OfficeContract.valid_from))
    ]


def _term(term: dict[str, Any]) -> Term:
    until = term["valid_until"]
    return Term(
        term["product"],
        date.fromisoformat(term["valid_from"]),
        None if until is None else date.fromisoformat(until),
        term["basis_points"],
        term["rials_per_item"],
    )


async def offices(session: AsyncSession, items: Sequence[int]) -> dict[int, tuple[int, int | None]]:
    """By item, the office under contract that booked it, and its last closed month."""
    connection = await driver(session)
    rows = await connection.fetch(_OFFICES_SQL, items)
    return {row[0]: (row[1], row[2]) for row in rows}


async def add(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
    """Office, day of account, item, number, sign, day of acceptance."""
    if rows:
        connection = await driver(session)
        columns = zip(*sorted(rows), strict=True)
        await connection.execute(_ADD_SQL, *(list(column) for column in columns))


async def accepted(session: AsyncSession, office: int, start: date, end: date) -> list[Accepted]:
    rows = await session.execute(_ACCEPTED, {"office": office, "start": start, "end": end})
    return [Accepted(*row) for row in rows]


async def items(
    session: AsyncSession,
    office: int,
    days: tuple[date, date],
    after: tuple[date, int, int, int],
    limit: int,
) -> Sequence[Any]:
    """Acceptances accounted in [start, end), in the index's order."""
    day, item_id, seq, sign = after
    rows = await session.execute(
        _ITEMS,
        {
            "office": office,
            "start": days[0],
            "end": days[1],
            "day": day,
            "item_id": item_id,
            "seq": seq,
            "sign": sign,
            "limit": limit,
        },
    )
    return rows.all()


async def deducted(session: AsyncSession, office: int, start: date, end: date) -> int:
    statement = select(func.coalesce(func.sum(CommissionDeduction.amount_rials), 0)).where(
        CommissionDeduction.office == office,
        CommissionDeduction.day >= start,
        CommissionDeduction.day < end,
    )
    return int((await session.execute(statement)).scalar_one())


async def deduction_of(session: AsyncSession, reference: str) -> CommissionDeduction | None:
    statement = select(CommissionDeduction).where(CommissionDeduction.reference == reference)
    return await session.scalar(statement)


async def deductions(
    session: AsyncSession, office: int, after: UUID | None, limit: int
) -> Sequence[CommissionDeduction]:
    """Newest first."""
    statement = (
        select(CommissionDeduction)
        .where(CommissionDeduction.office == office)
        .order_by(CommissionDeduction.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(CommissionDeduction.id < after)
    return (await session.scalars(statement)).all()


async def last_statement(session: AsyncSession, office: int) -> CommissionStatement | None:
    statement = (
        select(CommissionStatement)
        .where(CommissionStatement.office == office)
        .order_by(CommissionStatement.month.desc())
        .limit(1)
    )
    return await session.scalar(statement)


async def statement(session: AsyncSession, office: int, month: int) -> CommissionStatement | None:
    return await session.get(CommissionStatement, (office, month))


async def statements(
    session: AsyncSession, month: int, after: int | None, limit: int
) -> Sequence[CommissionStatement]:
    """Of a month, by office."""
    key = tuple_(CommissionStatement.month, CommissionStatement.office)
    found = (
        select(CommissionStatement)
        .where(CommissionStatement.month == month, key > (month, after or 0))
        .order_by(CommissionStatement.office)
        .limit(limit)
    )
    return (await session.scalars(found)).all()


async def first_open(session: AsyncSession, office: int, since: date) -> date | None:
    """The first day from then on that has an acceptance or a deduction."""
    found = await session.execute(_FIRST_OPEN, {"office": office, "since": since})
    day: date | None = found.scalar()
    return day


async def due(
    session: AsyncSession, month: int, days: tuple[date, date], after: int
) -> Sequence[int]:
    """Offices after this one that lack the month's statement, `OFFICES` at most."""
    values = {"month": month, "start": days[0], "end": days[1], "after": after, "limit": OFFICES}
    return (await session.execute(_DUE, values)).scalars().all()
