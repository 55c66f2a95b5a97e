"""SQL of flows: months to count, the count itself, and what it found."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, delete, insert, or_, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.flows.domain import Accepted, Flow
from services.parcels.flows.models import FlowCount, FlowDaily
from services.parcels.scanning.domain import CLOCK_AHEAD
from shared.calendar import Period

COUNT_TIMEOUT_MS: Final = 600_000

# What was accepted in a month has been changed since it began: that is in the BRIN index. Offices
# become their centres here, so that rows are few; inbound items have no office and no centre.
_ACCEPTED = text("""
SELECT local::date AS day,
    extract(hour FROM local) * 60 + extract(minute FROM local) <= collected_min AS in_time,
    centre, to_province, to_town, count(*) AS items
FROM (
    SELECT p.accepted_at AT TIME ZONE 'Asia/Tehran' AS local, p.to_province, p.to_town,
        coalesce(o.centre, '') AS centre, coalesce(o.collected_min, 0) AS collected_min
    FROM parcel p LEFT JOIN unnest(CAST(:ids AS int[]), CAST(:centres AS text[]),
        CAST(:minutes AS int[])) AS o (id, centre, collected_min) ON o.id = p.origin_office
    WHERE p.accepted_at >= :start AND p.accepted_at < :end AND p.updated_at >= :recorded
) AS item
GROUP BY 1, 2, 3, 4, 5
""")

_DELAYS = text("""
SELECT t.line, avg(extract(epoch FROM c.arrived_at - c.arrives_at))::float8 / 3600 AS hours
FROM trip t JOIN trip_call c ON c.trip = t.id
WHERE t.day >= :start AND t.day < :end AND c.arrived_at IS NOT NULL AND c.arrives_at IS NOT NULL
GROUP BY t.line
""")


async def request(session: AsyncSession, month: str, now: datetime) -> None:
    row = {"month": month, "requested_at": now, "items": 0, "unplaced": 0}
    statement = upsert(FlowCount).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=["month"], set_={"requested_at": now}
    )
    await session.execute(statement)


async def ensure(session: AsyncSession, month: str, now: datetime) -> None:
    """Ask for a month that nobody has asked for."""
    row = {"month": month, "requested_at": now, "items": 0, "unplaced": 0}
    await session.execute(upsert(FlowCount).values(row).on_conflict_do_nothing())


async def count_of(session: AsyncSession, month: str) -> FlowCount | None:
    return await session.get(FlowCount, month, populate_existing=True)


async def counts(session: AsyncSession, after: str | None, limit: int) -> Sequence[FlowCount]:
    """Newest month first."""
    statement = select(FlowCount).order_by(FlowCount.month.desc()).limit(limit)
    if after is not None:
        statement = statement.where(FlowCount.month < after)
    return (await session.scalars(statement)).all()


def _pending() -> Select[FlowCount]:
    counted_at = FlowCount.counted_at
    statement = select(FlowCount).where(
        or_(counted_at.is_(None), FlowCount.requested_at > counted_at)
    )
    return statement.order_by(FlowCount.requested_at).limit(1)


async def is_pending(session: AsyncSession) -> bool:
    return await session.scalar(_pending()) is not None


async def lock_pending(session: AsyncSession) -> FlowCount | None:
    """A month to be counted that no other worker counts."""
    return await session.scalar(_pending().with_for_update(skip_locked=True))


async def accepted(
    session: AsyncSession, month: Period, offices: Iterable[tuple[int, str, int]]
) -> list[Accepted]:
    """A month's items; `offices`: id, centre, and the minute of the day of their collection."""
    await session.execute(text(f"SET LOCAL statement_timeout = {COUNT_TIMEOUT_MS}"))
    ids, centres, minutes = [list(c) for c in zip(*offices, strict=True)] or ([], [], [])
    rows = await session.execute(
        _ACCEPTED,
        {
            "ids": ids,
            "centres": centres,
            "minutes": minutes,
            "start": month.start_at,
            "end": month.end_at,
            "recorded": month.start_at - CLOCK_AHEAD,
        },
    )
    return [Accepted(*row) for row in rows]


async def replace(session: AsyncSession, month: str, flows: Mapping[Any, int]) -> None:
    """A month's flows anew; keys are day, origin and destination."""
    await session.execute(delete(FlowDaily).where(FlowDaily.month == month))
    rows = [
        {"month": month, "day": day, "origin": origin, "destination": destination, "items": items}
        for (day, origin, destination), items in sorted(flows.items())
    ]
    if rows:
        await session.execute(insert(FlowDaily), rows)


async def flows(session: AsyncSession, month: str) -> list[Flow]:
    statement = (
        select(FlowDaily.day, FlowDaily.origin, FlowDaily.destination, FlowDaily.items)
        .where(FlowDaily.month == month)
        .order_by(FlowDaily.day, FlowDaily.origin, FlowDaily.destination)
    )
    return [Flow(*row) for row in await session.execute(statement)]


async def delays(session: AsyncSession, first: date, end: date) -> dict[str, float]:
    """How much later than planned the trips of these days arrived at their calls, mean hours."""
    rows = await session.execute(_DELAYS, {"start": first, "end": end})
    return {row.line: row.hours for row in rows}
