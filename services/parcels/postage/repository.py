"""SQL of charges: what items cost, the journals and roll-ups of partners, accounts at booking."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.postage.domain import ACCOUNTS, Item, Posted
from services.parcels.vocabulary import Channel, Payer, Status, usual_payer
from shared.database import Database, driver

LOCK: Final = 0x5053_0014

USUAL_PAYER: Final = f"""
CASE p.channel WHEN {int(Channel.COUNTER)} THEN {int(usual_payer(Channel.COUNTER))}
    ELSE {int(usual_payer(Channel.ECOMMERCE))} END
"""
"""Of a parcel `p` that has no payer of its own."""

_ITEMS_SQL: Final = f"""
SELECT p.item_id, p.partner, p.product, p.price_rials, p.booked_at, o.code,
    coalesce(t.payer, {USUAL_PAYER}) AS payer, coalesce(t.drawn_rials, 0) AS drawn_rials,
    p.status = {int(Status.CANCELLED)} AS cancelled,
    CASE WHEN v.adds_vat THEN coalesce((
        SELECT r.basis_points FROM vat_rate r
        WHERE r.valid_from <= coalesce(q.held_from, p.booked_at)
        ORDER BY r.valid_from DESC, r.id DESC LIMIT 1), 0) ELSE 0 END AS vat_basis_points
FROM unnest($1::bigint[]) AS i (item_id) JOIN parcel p USING (item_id)
LEFT JOIN parcel_terms t USING (item_id) LEFT JOIN quote q ON q.id = t.quote
LEFT JOIN office o ON o.id = p.origin_office LEFT JOIN tariff_version v ON v.code = p.tariff
"""

_CLOSED_SQL: Final = """
SELECT partner, max(month) AS month FROM invoice WHERE partner = ANY($1::uuid[]) GROUP BY partner
"""

_ENTRIES_SQL: Final = """
INSERT INTO partner_entry (partner, day, item_id, kind, seq, payer, amount_rials, vat_rials,
                           occurred_at, recorded_at)
SELECT *, $10 FROM unnest($1::uuid[], $2::date[], $3::bigint[], $4::smallint[], $5::int[],
    $6::smallint[], $7::bigint[], $8::bigint[], $9::timestamptz[])
ON CONFLICT DO NOTHING RETURNING item_id, kind, seq
"""

_MONTHS_SQL: Final = """
INSERT INTO partner_month AS m (partner, month, payer, kind, product, entries, amount_rials,
                                vat_rials)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::smallint[], $4::smallint[], $5::smallint[],
    $6::bigint[], $7::bigint[], $8::bigint[]) AS n (partner, month, payer, kind, product)
ORDER BY n.partner, n.month, n.payer, n.kind, n.product
ON CONFLICT (partner, month, payer, kind, product) DO UPDATE SET
    entries = m.entries + excluded.entries,
    amount_rials = m.amount_rials + excluded.amount_rials,
    vat_rials = m.vat_rials + excluded.vat_rials
"""

_BALANCES_SQL: Final = """
UPDATE postage_account a SET balance_rials = a.balance_rials + c.rials
FROM unnest($1::uuid[], $2::smallint[], $3::bigint[]) AS c (partner, kind, rials)
WHERE a.partner = c.partner AND a.kind = c.kind
"""

_REPRICED_SQL: Final = """
SELECT item_id, nth, amount_rials, vat_rials FROM repriced_charge
WHERE item_id = ANY($1::bigint[]) ORDER BY item_id, nth
"""

_ADD_REPRICED_SQL: Final = """
INSERT INTO repriced_charge (item_id, nth, amount_rials, vat_rials, recorded_at)
VALUES ($1, $2, $3, $4, $5)
"""

_REFUNDED_SQL: Final = """
SELECT item_id, recomputation, amount_rials, vat_rials FROM refund_decision
WHERE item_id = ANY($1::bigint[]) AND approved ORDER BY item_id, recomputation
"""

_STANDING_SQL: Final = """
SELECT t.reference FROM unnest($1::text[]) AS i (prefix)
JOIN ledger_transfer t ON t.reference >= i.prefix || ':' AND t.reference < i.prefix || ';'
WHERE NOT EXISTS (SELECT FROM ledger_transfer r WHERE r.reverses = t.id)
"""

_OWED_SQL: Final = """
SELECT payer, sum(amount_rials)::bigint AS rials FROM partner_month
WHERE partner = $1 AND payer = ANY($2::smallint[]) AND month < $3 GROUP BY payer
"""

_LOCK_FUNDS_SQL: Final = """
SELECT kind, limit_rials + balance_rials AS available FROM postage_account
WHERE partner = $1 AND kind = ANY($2::smallint[]) ORDER BY kind FOR UPDATE
"""

_DRAW_SQL: Final = """
UPDATE postage_account SET balance_rials = balance_rials - $3 WHERE partner = $1 AND kind = $2
"""

Month = tuple[UUID, int, int, int, int]
"""Partner, month, payer, kind, product."""
Sums = tuple[int, int, int]
"""Entries, rials, rials of VAT."""


async def lock(session: AsyncSession) -> None:
    """One writer of charges at a time, until the transaction ends; booking is none of them."""
    await session.execute(select(func.pg_advisory_xact_lock(LOCK)))


async def items(session: AsyncSession, ids: Collection[int]) -> dict[int, Item]:
    connection = await driver(session)
    rows = await connection.fetch(_ITEMS_SQL, list(ids))
    return {row[0]: _item(*row) for row in rows}


def _item(item_id: int, partner: UUID, product: int, *rest: Any) -> Item:
    price, booked_at, office, payer, *more = rest
    return Item(item_id, partner, product, price, booked_at, office, Payer(payer), *more)


async def closed_months(session: AsyncSession, partners: Collection[UUID]) -> dict[UUID, int]:
    """Of partners that have had an invoice, the last month of one."""
    connection = await driver(session)
    rows = await connection.fetch(_CLOSED_SQL, list(partners))
    return {row["partner"]: row["month"] for row in rows}


async def add_entries(
    session: AsyncSession, entries: Sequence[tuple[Posted, date]], at: datetime
) -> set[tuple[int, int, int]]:
    """Entries with their days of account; item, kind and number of those that were new."""
    connection = await driver(session)
    rows = await connection.fetch(
        _ENTRIES_SQL,
        [one.item.partner for one, _ in entries],
        [day for _, day in entries],
        [one.item.item_id for one, _ in entries],
        [int(one.kind) for one, _ in entries],
        [one.seq for one, _ in entries],
        [int(one.payer) for one, _ in entries],
        [one.amount_rials for one, _ in entries],
        [one.vat_rials for one, _ in entries],
        [one.occurred_at for one, _ in entries],
        at,
    )
    return {(row[0], row[1], row[2]) for row in rows}


async def add_months(session: AsyncSession, found: Mapping[Month, Sums]) -> None:
    if not found:
        return
    connection = await driver(session)
    columns = zip(*((*key, *sums) for key, sums in found.items()), strict=True)
    await connection.execute(_MONTHS_SQL, *(list(column) for column in columns))


async def add_balances(session: AsyncSession, found: Counter[tuple[UUID, int]]) -> None:
    """Add to the accounts that exist; partner and payer name one."""
    changed = {key: rials for key, rials in found.items() if rials}
    if changed:
        connection = await driver(session)
        await connection.execute(
            _BALANCES_SQL,
            [partner for partner, _ in changed],
            [kind for _, kind in changed],
            list(changed.values()),
        )


async def repriced(
    session: AsyncSession, ids: Collection[int]
) -> dict[int, list[tuple[int, int, int]]]:
    """By item: number, rials and rials of VAT of each change, in order."""
    connection = await driver(session)
    found: dict[int, list[tuple[int, int, int]]] = {}
    for row in await connection.fetch(_REPRICED_SQL, list(ids)):
        found.setdefault(row[0], []).append((row[1], row[2], row[3]))
    return found


async def add_repriced(
    session: AsyncSession, changes: Iterable[tuple[int, int, int, int]], at: datetime
) -> None:
    """Item, number, rials, rials of VAT."""
    connection = await driver(session)
    await connection.executemany(_ADD_REPRICED_SQL, [(*change, at) for change in changes])


async def refunded(
    session: AsyncSession, ids: Collection[int]
) -> dict[int, list[tuple[UUID, int, int]]]:
    """By item: recomputation, rials and rials of VAT of each refund."""
    connection = await driver(session)
    found: dict[int, list[tuple[UUID, int, int]]] = {}
    for row in await connection.fetch(_REFUNDED_SQL, list(ids)):
        found.setdefault(row[0], []).append((row[1], row[2], row[3]))
    return found


async def standing(session: AsyncSession, prefixes: Sequence[str]) -> list[str]:
    """References `prefix:…` of transfers that nothing has taken back."""
    connection = await driver(session)
    return [row["reference"] for row in await connection.fetch(_STANDING_SQL, list(prefixes))]


async def owed(session: AsyncSession, partner: UUID, *, before: int = 999_999) -> dict[Payer, int]:
    """By account, what a partner owed at the beginning of a month, or owes as far as posted."""
    connection = await driver(session)
    rows = await connection.fetch(_OWED_SQL, partner, sorted(map(int, ACCOUNTS)), before)
    return {Payer(row["payer"]): row["rials"] for row in rows}


async def limited(database: Database) -> frozenset[UUID]:
    """The partners whose credit has a limit."""
    rows = await database.hot.fetch(
        "SELECT partner FROM postage_account WHERE kind = $1 AND limit_rials IS NOT NULL",
        int(Payer.PARTNER_CREDIT),
    )
    return frozenset(row["partner"] for row in rows)


async def lock_funds(
    connection: asyncpg.Connection, partner: UUID, kinds: Collection[Payer]
) -> dict[Payer, int | None]:
    """What the partner's accounts can bear, locked until the transaction ends; None: anything."""
    rows = await connection.fetch(_LOCK_FUNDS_SQL, partner, sorted(map(int, kinds)))
    return {Payer(row["kind"]): row["available"] for row in rows}


async def draw(connection: asyncpg.Connection, partner: UUID, drawn: Counter[Payer]) -> None:
    for kind in sorted(drawn):
        await connection.execute(_DRAW_SQL, partner, int(kind), drawn[kind])
