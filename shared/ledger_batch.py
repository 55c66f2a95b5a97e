"""The ledger set-wise, for consumers that post a page of events: one round trip for thousands.

The rules are those of `shared.ledger`: a reference is used once for ever, so what is posted a
second time is left out, and the answer says what was new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import driver
from shared.ledger import AccountKind, Entry

_OPEN_SQL: Final = """
INSERT INTO ledger_account (code, kind, opened_at)
SELECT code, kind, $3 FROM unnest($1::text[], $2::text[]) AS a (code, kind) ORDER BY code
ON CONFLICT (code) DO NOTHING
"""

_TRANSFER_SQL: Final = """
INSERT INTO ledger_transfer (debit_account, credit_account, amount, kind, reference, pending,
                             occurred_at, recorded_at)
SELECT debit.id, credit.id, t.amount, t.kind, t.reference, false, t.occurred_at, t.recorded_at
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[],
            $7::timestamptz[])
    AS t (debit, credit, amount, kind, reference, occurred_at, recorded_at)
LEFT JOIN ledger_account AS debit ON debit.code = t.debit
LEFT JOIN ledger_account AS credit ON credit.code = t.credit
ON CONFLICT (reference) DO NOTHING RETURNING reference
"""

_REVERSE_SQL: Final = """
WITH undone AS (
    INSERT INTO ledger_transfer (debit_account, credit_account, amount, kind, reference, pending,
                                 reverses, occurred_at, recorded_at)
    SELECT t.credit_account, t.debit_account, t.amount, r.kind, r.reference, false, t.id,
           r.occurred_at, r.recorded_at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
        AS r (undone, kind, reference, occurred_at, recorded_at)
    JOIN ledger_transfer AS t ON t.reference = r.undone AND NOT t.pending
    ON CONFLICT DO NOTHING RETURNING reverses, amount
)
SELECT t.reference, undone.amount FROM undone JOIN ledger_transfer AS t ON t.id = undone.reverses
"""

_AMOUNTS_SQL: Final = """
SELECT reference, amount FROM ledger_transfer WHERE reference = ANY($1)
"""


@dataclass(frozen=True, slots=True)
class Undoing:
    """The whole of a transfer that moved at once is taken back, by its reference."""

    undone: str
    kind: str
    reference: str
    occurred_at: datetime
    recorded_at: datetime


async def open_all(
    session: AsyncSession, accounts: Mapping[str, AccountKind], opened_at: datetime
) -> None:
    """Open those of the accounts that are not."""
    if accounts:
        connection = await driver(session)
        await connection.execute(
            _OPEN_SQL, list(accounts.keys()), list(accounts.values()), opened_at
        )


async def transfer_all(session: AsyncSession, entries: Sequence[Entry]) -> set[str]:
    """Move these amounts at once; the references that were new. All accounts must be open."""
    if not entries:
        return set()
    connection = await driver(session)
    rows = await connection.fetch(
        _TRANSFER_SQL,
        [entry.debit for entry in entries],
        [entry.credit for entry in entries],
        [entry.amount_rials for entry in entries],
        [entry.kind for entry in entries],
        [entry.reference for entry in entries],
        [entry.when.occurred_at for entry in entries],
        [entry.when.recorded_at for entry in entries],
    )
    return {row["reference"] for row in rows}


async def reverse_all(session: AsyncSession, undoings: Sequence[Undoing]) -> dict[str, int]:
    """Take transfers back; by their references, what they had moved. One is taken back once."""
    if not undoings:
        return {}
    connection = await driver(session)
    rows = await connection.fetch(
        _REVERSE_SQL,
        [one.undone for one in undoings],
        [one.kind for one in undoings],
        [one.reference for one in undoings],
        [one.occurred_at for one in undoings],
        [one.recorded_at for one in undoings],
    )
    return {row["reference"]: row["amount"] for row in rows}


async def amounts(session: AsyncSession, references: Sequence[str]) -> dict[str, int]:
    """What transfers moved that moved at once, by their references."""
    connection = await driver(session)
    rows = await connection.fetch(_AMOUNTS_SQL, list(references))
    return {row["reference"]: row["amount"] for row in rows}


async def ids(session: AsyncSession, references: Sequence[str]) -> dict[str, int]:
    """Of transfers by their references."""
    connection = await driver(session)
    rows = await connection.fetch(
        "SELECT reference, id FROM ledger_transfer WHERE reference = ANY($1)", list(references)
    )
    return {row["reference"]: row["id"] for row in rows}
