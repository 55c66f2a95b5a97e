"""SQL of the roll-ups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.scanning.domain import CLOCK_AHEAD
from services.parcels.statistics.domain import Kind, TaskCell, Tasking
from services.parcels.transit.domain import Dimension, Range
from services.parcels.transit.repository import DAILY, MONTHLY
from services.parcels.vocabulary import Event, Status, Task
from shared.calendar import Period
from shared.identifiers.item import SLOT

# One statement a page: offices become kinds here, in the order in which writers lock the cells.
_ADD_TASKS: Final = f"""
INSERT INTO task_daily AS t (day, task, kind, count)
SELECT f.day, f.task, o.kind, sum(f.count)
FROM unnest($1::date[], $2::smallint[], $3::text[], $4::bigint[]) AS f (day, task, office, count)
JOIN office o ON o.code = f.office
WHERE f.task <> {int(Task.SORTING)} OR o.kind = 'sorting_centre'
GROUP BY f.day, f.task, o.kind ORDER BY f.day, f.task, o.kind
ON CONFLICT (day, task, kind) DO UPDATE SET count = t.count + excluded.count
"""

_TASKS = text("""
SELECT task, kind, sum(count)::bigint AS count FROM task_daily
WHERE day >= :start AND day < :end GROUP BY task, kind
HAVING sum(count) <> 0 ORDER BY task, kind
""")

_OF_KIND: Final = """
(CAST(:product AS smallint) IS NULL OR product = :product)
    AND (CAST(:channel AS smallint) IS NULL OR channel = :channel)
"""


def _volumes_sql(table: str) -> TextClause:
    return text(f"""
SELECT product, key::smallint,
    coalesce(sum(accepted) FILTER (WHERE day >= :start AND day < :end), 0)::bigint AS count,
    coalesce(sum(accepted) FILTER (WHERE day >= :before AND day < :until), 0)::bigint AS previous
FROM {table}
WHERE dimension = {int(Dimension.CHANNEL)} AND accepted <> 0
    AND ((day >= :start AND day < :end) OR (day >= :before AND day < :until))
    AND (CAST(:product AS smallint) IS NULL OR product = :product)
    AND (CAST(:channel AS smallint) IS NULL OR key = CAST(:channel AS smallint)::text)
GROUP BY product, key ORDER BY product, key::smallint
""")


_VOLUMES: Final = {table: _volumes_sql(table) for table in (DAILY, MONTHLY)}

_COUNTED: Final = f"accepted_at >= :start AND accepted_at < :end AND {_OF_KIND}"

# An item was changed when its acceptance was recorded, or later: that is in the BRIN index.
_RANGES = text(f"""
SELECT min(item_id) AS first, max(item_id) AS last FROM parcel
WHERE updated_at >= :recorded AND {_COUNTED}
GROUP BY item_id / {SLOT} ORDER BY 1
""")

_ITEMS = text(f"""
SELECT item.* FROM unnest(CAST(:firsts AS bigint[]), CAST(:lasts AS bigint[])) AS r (first, last)
CROSS JOIN LATERAL (
    SELECT item_id, product, channel, status, origin_office, accepted_at FROM parcel
    WHERE item_id BETWEEN r.first AND r.last AND {_COUNTED} ORDER BY item_id LIMIT :limit
) AS item
ORDER BY item.item_id LIMIT :limit
""")


# An item that had a task in the period was accepted before its end, and changed since it began.
_TASK_RANGES = text(f"""
SELECT min(item_id) AS first, max(item_id) AS last FROM parcel
WHERE updated_at >= :recorded AND accepted_at < :end GROUP BY item_id / {SLOT} ORDER BY 1
""")

_TASK_ITEMS = text(f"""
SELECT task.* FROM unnest(CAST(:firsts AS bigint[]), CAST(:lasts AS bigint[])) AS r (first, last)
CROSS JOIN LATERAL (
    SELECT e.item_id, e.event_id, e.event, e.at, o.code AS office, o.kind, p.product, p.channel,
        p.status
    FROM parcel p JOIN LATERAL (
        SELECT item_id, event_id, event, office,
            least(occurred_at, recorded_at + interval '5 min') AS at
        FROM item_event WHERE item_id = p.item_id AND NOT flagged AND event = ANY(:events)
    ) AS e ON true JOIN office o ON o.id = e.office
    WHERE p.item_id BETWEEN r.first AND r.last AND p.accepted_at < :end
        AND p.updated_at >= :recorded AND p.status <> {int(Status.CANCELLED)}
        AND e.at >= :start AND e.at < :end
        AND (CAST(:kind AS text) IS NULL OR o.kind = :kind)
        AND (e.event <> {int(Event.ARRIVAL)} OR o.kind = 'sorting_centre')
        AND (CAST(:event AS uuid) IS NULL OR (e.item_id, e.event_id) > (:item, :event))
    ORDER BY e.item_id, e.event_id LIMIT :limit
) AS task
ORDER BY task.item_id, task.event_id LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class VolumeRow:
    product: int
    channel: int
    count: int
    previous: int


async def add_tasks(connection: asyncpg.Connection, tasks: Mapping[TaskCell, int]) -> None:
    if tasks:
        await connection.execute(
            _ADD_TASKS,
            [day for day, _, _ in tasks],
            [task for _, task, _ in tasks],
            [office for _, _, office in tasks],
            list(tasks.values()),
        )


async def request_recount(session: AsyncSession) -> None:
    await session.execute(
        text("UPDATE statistics_state SET recount_from = 0, recount_tasks = true")
    )


async def volumes(
    session: AsyncSession, period: Period, before: Period, kind: Kind
) -> list[VolumeRow]:
    rows = await session.execute(
        _VOLUMES[DAILY if period.day else MONTHLY],
        {
            "start": period.start,
            "end": period.end,
            "before": before.start,
            "until": before.end,
            "product": kind.product,
            "channel": kind.channel,
        },
    )
    return [VolumeRow(*row) for row in rows]


async def tasks(session: AsyncSession, period: Period) -> list[tuple[int, str, int]]:
    """Task, kind, count."""
    rows = await session.execute(_TASKS, {"start": period.start, "end": period.end})
    return [(task, kind, count) for task, kind, count in rows]


def _counted(period: Period, kind: Kind) -> dict[str, Any]:
    return {
        "start": period.start_at,
        "end": period.end_at,
        "product": kind.product,
        "channel": kind.channel,
    }


async def ranges(session: AsyncSession, period: Period, kind: Kind) -> list[Range]:
    """The ids between which the items of a figure lie, a range for each slot that has some.

    Reads what has changed since the period began, and no more: ids grow with time, but hold none.
    """
    found = await session.execute(
        _RANGES, {**_counted(period, kind), "recorded": period.start_at - CLOCK_AHEAD}
    )
    return [Range(row.first, row.last) for row in found]


async def items(
    session: AsyncSession, period: Period, kind: Kind, within: Sequence[Range], limit: int
) -> Sequence[Row[Any]]:
    """By item id, along the primary key; one row more than the page has, to know of the next."""
    found = await session.execute(
        _ITEMS,
        {
            **_counted(period, kind),
            "firsts": [one.first for one in within],
            "lasts": [one.last for one in within],
            "limit": limit + 1,
        },
    )
    return found.all()


async def task_ranges(session: AsyncSession, period: Period) -> list[Range]:
    """The ids between which the items lie that may have had a task; see `ranges` for its cost."""
    asked = {"end": period.end_at, "recorded": period.start_at - CLOCK_AHEAD}
    return [Range(row.first, row.last) for row in await session.execute(_TASK_RANGES, asked)]


async def task_items(
    session: AsyncSession,
    period: Period,
    wanted: Tasking,
    after: tuple[UUID | None, Sequence[Range]],
    limit: int,
) -> Sequence[Row[Any]]:
    """By item and event, after an event of the first item that is in the ranges."""
    event, within = after
    found = await session.execute(
        _TASK_ITEMS,
        {
            "start": period.start_at,
            "end": period.end_at,
            "recorded": period.start_at - CLOCK_AHEAD,
            "events": wanted.events,
            "kind": wanted.kind,
            "firsts": [one.first for one in within],
            "lasts": [one.last for one in within],
            "item": within[0].first if within else 0,
            "event": event,
            "limit": limit + 1,
        },
    )
    return found.all()
