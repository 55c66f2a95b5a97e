"""SQL of what compensation cost: payouts by cause, and the ledger's own word on it."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.payouts.domain import EXPENSE
from shared.calendar import Period

_BY_CAUSE: Final = text("""
SELECT cause, count(*) FILTER (WHERE rials > 0) AS payments, sum(rials)::bigint AS rials
FROM (
    SELECT cause, amount_rials AS rials FROM payout
    WHERE status IN ('paid', 'returned') AND answered_at >= :start AND answered_at < :end
    UNION ALL
    SELECT cause, -amount_rials FROM payout
    WHERE returned_at IS NOT NULL AND returned_at >= :start AND returned_at < :end
) moved GROUP BY cause ORDER BY cause
""")
# debits that moved in the period, less what was taken back in it
_LEDGER: Final = text("""
WITH account AS (SELECT id FROM ledger_account WHERE code = :code)
SELECT coalesce(sum(rials), 0)::bigint FROM (
    SELECT CASE WHEN t.pending THEN o.amount ELSE t.amount END AS rials,
        CASE WHEN t.pending THEN o.occurred_at ELSE t.occurred_at END AS at
    FROM account a JOIN ledger_transfer t ON t.debit_account = a.id
    LEFT JOIN ledger_outcome o ON o.transfer_id = t.id
    WHERE NOT t.pending OR o.outcome = 'posted'
    UNION ALL
    SELECT -(CASE WHEN t.pending THEN o.amount ELSE t.amount END),
        CASE WHEN t.pending THEN o.occurred_at ELSE t.occurred_at END
    FROM account a JOIN ledger_transfer t ON t.credit_account = a.id
    LEFT JOIN ledger_outcome o ON o.transfer_id = t.id
    WHERE NOT t.pending OR o.outcome = 'posted'
) moved WHERE at >= :start AND at < :end
""")
_OPEN: Final = text("""
SELECT count(*) AS payments, coalesce(sum(amount_rials), 0)::bigint AS rials FROM payout
WHERE status IN ('pending', 'unknown')
""")


_MOVED: Final = text("""
SELECT id, claim, barcode, cause, answered_at, returned_at,
    CASE WHEN answered_at >= :start AND answered_at < :end THEN amount_rials ELSE 0 END AS paid,
    CASE WHEN returned_at >= :start AND returned_at < :end THEN amount_rials ELSE 0 END AS returned
FROM payout
WHERE id > :after AND (CAST(:cause AS text) IS NULL OR cause = :cause)
    AND (status IN ('paid', 'returned') AND answered_at >= :start AND answered_at < :end
        OR returned_at >= :start AND returned_at < :end)
ORDER BY id LIMIT :rows
""")
FIRST: Final = UUID(int=0)


async def moved(
    session: AsyncSession, period: Period, cause: str | None, after: UUID | None, rows: int
) -> Sequence[Row[Any]]:
    """The payouts that `by_cause` adds up, by id."""
    values = {
        "start": period.start_at,
        "end": period.end_at,
        "cause": cause,
        "after": after or FIRST,
        "rows": rows,
    }
    return (await session.execute(_MOVED, values)).all()


async def by_cause(session: AsyncSession, period: Period) -> Sequence[Row[Any]]:
    values = {"start": period.start_at, "end": period.end_at}
    return (await session.execute(_BY_CAUSE, values)).all()


async def ledger_rials(session: AsyncSession, period: Period) -> int:
    values = {"code": EXPENSE, "start": period.start_at, "end": period.end_at}
    found: int = (await session.execute(_LEDGER, values)).scalar_one()
    return found


async def on_their_way(session: AsyncSession) -> Row[Any]:
    return (await session.execute(_OPEN)).one()
