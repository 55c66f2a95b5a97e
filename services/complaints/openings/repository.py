"""SQL of what may open itself: parcels whose promise was broken, set-wise."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.claims.models import ClaimItem

# in the order of barcodes, as all who lock several parcels do
_WATCH: Final = text("""
INSERT INTO claim_item (barcode, late_from, look_at, recorded_at)
SELECT barcode, late_from, look_at, CAST(:now AS timestamptz)
FROM unnest(CAST(:barcodes AS text[]), CAST(:late_from AS timestamptz[]),
            CAST(:look_at AS timestamptz[])) AS w (barcode, late_from, look_at)
ORDER BY barcode
ON CONFLICT (barcode) DO UPDATE
    SET late_from = excluded.late_from, look_at = excluded.look_at
""")
_ENDED: Final = text("""
UPDATE claim_item AS c
SET look_at = CASE WHEN e.at >= c.late_from THEN CAST(:now AS timestamptz) END,
    late_from = CASE WHEN e.at >= c.late_from THEN c.late_from END
FROM unnest(CAST(:barcodes AS text[]), CAST(:at AS timestamptz[])) AS e (barcode, at)
WHERE c.barcode = e.barcode AND c.look_at IS NOT NULL
""")


async def watch(
    session: AsyncSession, late: Mapping[str, tuple[datetime, datetime]], now: datetime
) -> None:
    """From when on a delivery of each would be late beyond the rule, and when to look."""
    if late:
        await session.execute(
            _WATCH,
            {
                "barcodes": list(late),
                "late_from": [first for first, _ in late.values()],
                "look_at": [last for _, last in late.values()],
                "now": now,
            },
        )


async def ended(session: AsyncSession, at: Mapping[str, datetime], now: datetime) -> None:
    """Of those that are watched: look now at what ended late, at the others never."""
    if at:
        values = {"barcodes": list(at), "at": list(at.values()), "now": now}
        await session.execute(_ENDED, values)


async def forget(session: AsyncSession, barcodes: Collection[str]) -> None:
    if barcodes:
        query = update(ClaimItem).where(ClaimItem.barcode.in_(barcodes))
        await session.execute(query.values(late_from=None, look_at=None))


async def due(session: AsyncSession, now: datetime, limit: int) -> list[str]:
    """Parcels to look at, locked; those that another looks at are left."""
    query = (
        select(ClaimItem.barcode)
        .where(ClaimItem.look_at <= now)
        .order_by(ClaimItem.look_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(await session.scalars(query))
