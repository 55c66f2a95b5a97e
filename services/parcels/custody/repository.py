"""SQL of custody: the rules, and the search for what nobody has seen."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Final

import asyncpg
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.custody.domain import UNDER_WAY, Seen, Term
from services.parcels.custody.models import CustodyTerm
from services.parcels.vocabulary import Custodian, Product, Status

# by the BRIN index on updated_at; what has ended was changed by its end, so little is left of a day
_SWEEP_SQL: Final = f"""
INSERT INTO unseen_watch (item_id, due_at)
SELECT item_id, $3 FROM parcel
WHERE updated_at >= $1 AND updated_at < $2
    AND status IN ({", ".join(str(int(status)) for status in sorted(UNDER_WAY))})
ORDER BY item_id ON CONFLICT DO NOTHING
"""

_SEEN_SQL: Final = """
SELECT item_id, status, product, custodian, fold_at, fold_event_id, promised_at, to_province
FROM parcel WHERE item_id = ANY($1) ORDER BY item_id FOR NO KEY UPDATE
"""


_HELD_SQL: Final = """
SELECT item_id, status, custodian, custodian_id, fold_event_id, fold_at, version
FROM parcel WHERE item_id = $1
"""


async def held(connection: asyncpg.Connection, item_id: int) -> asyncpg.Record | None:
    """Who has an item; read without a lock, which would make scans of it wait."""
    return await connection.fetchrow(_HELD_SQL, item_id)


async def terms(session: AsyncSession) -> list[Term]:
    rows = await session.execute(
        select(CustodyTerm.name, CustodyTerm.valid_from, CustodyTerm.value)
    )
    return [Term(*row) for row in rows]


async def listing(
    session: AsyncSession, *, after: tuple[str, date] | None, limit: int
) -> Sequence[CustodyTerm]:
    key = (CustodyTerm.name, CustodyTerm.valid_from)
    query = select(CustodyTerm).order_by(*key).limit(limit)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return (await session.scalars(query)).all()


async def term(session: AsyncSession, name: str, valid_from: date) -> CustodyTerm | None:
    return await session.get(CustodyTerm, (name, valid_from))


async def swept_until(connection: asyncpg.Connection) -> datetime | None:
    """Locked: one sweep at a time."""
    at: datetime | None = await connection.fetchval(
        "SELECT swept_until FROM unseen_sweep WHERE id = 1 FOR UPDATE"
    )
    return at


async def sweep(
    connection: asyncpg.Connection, since: datetime, until: datetime, due_at: datetime
) -> None:
    """Watch what is under way and was changed last in [since, until)."""
    await connection.execute(_SWEEP_SQL, since, until, due_at)
    await connection.execute("UPDATE unseen_sweep SET swept_until = $1 WHERE id = 1", until)


async def due(connection: asyncpg.Connection, now: datetime, limit: int) -> list[int]:
    rows = await connection.fetch(
        "SELECT item_id FROM unseen_watch WHERE due_at <= $1 ORDER BY due_at LIMIT $2", now, limit
    )
    return [row["item_id"] for row in rows]


async def seen(
    connection: asyncpg.Connection, items: Collection[int]
) -> dict[int, tuple[Seen, str]]:
    """Each item, locked, as it was seen last, and the event by which; without those never seen."""
    rows = await connection.fetch(_SEEN_SQL, list(items))
    return {
        row["item_id"]: (
            Seen(
                Status(row["status"]),
                Product(row["product"]),
                None if row["custodian"] is None else Custodian(row["custodian"]),
                row["fold_at"],
                row["promised_at"],
                row["to_province"],
            ),
            str(row["fold_event_id"]),
        )
        for row in rows
        if row["fold_at"] is not None
    }


async def watch_again(
    connection: asyncpg.Connection, examined: Collection[int], due_at: Mapping[int, datetime]
) -> None:
    """Of the items examined keep only those that are due some other time."""
    await connection.execute(
        "DELETE FROM unseen_watch WHERE item_id = ANY($1)", [i for i in examined if i not in due_at]
    )
    await connection.execute(
        "UPDATE unseen_watch w SET due_at = d.due_at"
        " FROM unnest($1::bigint[], $2::timestamptz[]) AS d (item_id, due_at)"
        " WHERE w.item_id = d.item_id",
        list(due_at),
        list(due_at.values()),
    )
