"""SQL of the roll-ups."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.statistics.domain import Cell
from shared.calendar import Period
from shared.database import driver

_ADD = """
INSERT INTO volume_daily AS v (day, product, channel, items)
SELECT * FROM unnest($1::date[], $2::smallint[], $3::smallint[], $4::bigint[])
ON CONFLICT (day, product, channel) DO UPDATE SET items = v.items + excluded.items
"""

_VOLUMES = text("""
SELECT product, channel,
    coalesce(sum(items) FILTER (WHERE day >= :start AND day < :end), 0)::bigint AS count,
    coalesce(sum(items) FILTER (WHERE day >= :before AND day < :until), 0)::bigint AS previous
FROM volume_daily
WHERE (day >= :start AND day < :end) OR (day >= :before AND day < :until)
GROUP BY product, channel HAVING sum(items) <> 0 ORDER BY product, channel
""")

_RECOUNT = text("""
SELECT (accepted_at AT TIME ZONE 'Asia/Tehran')::date AS day, product, channel, count(*) AS items
FROM parcel WHERE accepted_at IS NOT NULL GROUP BY 1, 2, 3
""")


@dataclass(frozen=True, slots=True)
class VolumeRow:
    product: int
    channel: int
    count: int
    previous: int


async def add(session: AsyncSession, found: Mapping[Cell, int], as_of: datetime) -> None:
    """Apply differences (sorted, so that two writers lock cells in one order)."""
    connection = await driver(session)
    cells = sorted((cell, n) for cell, n in found.items() if n)
    if cells:
        await connection.execute(
            _ADD,
            [cell[0] for cell, _ in cells],
            [cell[1] for cell, _ in cells],
            [cell[2] for cell, _ in cells],
            [n for _, n in cells],
        )
    await connection.execute("UPDATE statistics_state SET as_of = greatest(as_of, $1)", as_of)


async def volumes(session: AsyncSession, period: Period, before: Period) -> list[VolumeRow]:
    rows = await session.execute(
        _VOLUMES,
        {
            "start": period.start,
            "end": period.end,
            "before": before.start,
            "until": before.end,
        },
    )
    return [VolumeRow(*row) for row in rows]


async def as_of(session: AsyncSession) -> datetime | None:
    found = await session.execute(text("SELECT as_of FROM statistics_state"))
    at: datetime | None = found.scalar()
    return at


async def rolled_up(session: AsyncSession) -> dict[Cell, int]:
    rows = await session.execute(text("SELECT * FROM volume_daily WHERE items <> 0"))
    return {(r.day, r.product, r.channel): r.items for r in rows}


async def recount(session: AsyncSession) -> dict[Cell, int]:
    """The same counted from the items themselves: proves the roll-ups (tests and audit only)."""
    rows: list[tuple[date, int, int, int]] = [tuple(r) for r in await session.execute(_RECOUNT)]
    return {(day, product, channel): items for day, product, channel, items in rows}
