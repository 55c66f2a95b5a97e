"""`susa audit statistics`, and counting the tasks again: the roll-ups against the items and scans.

The audit counts in SQL what the consumer counts in Python, so that it can fail. The roll-ups have
to have caught up. What an office's change moved (its kind, its county) is recounted as it is now.
Reads everything: for audits and tests, never for a request.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import asyncpg

from services.parcels.statistics import domain, repository
from services.parcels.statistics.service import CONSUMER, TYPES, items_of
from services.parcels.transit import service as transit
from services.parcels.transit.domain import ABROAD, BOUNDS_H, ENDED, SCALARS, UNKNOWN, Dimension
from services.parcels.transit.repository import (
    DAILY,
    DIRECTION,
    MONTHLY,
)
from services.parcels.vocabulary import TASK_OF, Event, Status
from shared.calendar import month_start
from shared.database import Database

_WRONG_MAX: Final = 100
_LONGEST_MONTH: Final = timedelta(days=31)
_TASKS: Final = " ".join(f"WHEN {int(event)} THEN {int(task)}" for event, task in TASK_OF.items())
_TASK: Final = f"CASE e.event {_TASKS} END"
_TASK_COUNT: Final = f"""
SELECT (least(e.occurred_at, e.recorded_at + interval '5 min')
        AT TIME ZONE 'Asia/Tehran')::date AS day,
    {_TASK} AS task, o.kind, count(*) AS count
FROM item_event e JOIN parcel p USING (item_id) JOIN office o ON o.id = e.office
WHERE NOT e.flagged AND p.status <> {int(Status.CANCELLED)} AND {_TASK} IS NOT NULL
    AND (e.event <> {int(Event.ARRIVAL)} OR o.kind = 'sorting_centre')
GROUP BY 1, 2, 3
"""

# as transit.domain.Places says; of a town in two counties the first holds
_PLACES: Final = """
place AS MATERIALIZED (
    SELECT DISTINCT ON (province, town) province, town, county FROM (
        SELECT province, town, county FROM office
        UNION ALL SELECT province, town_name, county FROM office
    ) AS named ORDER BY province, town, county COLLATE "C"
)
"""
_BOUNDS: Final = ", ".join(str(bound * 60) for bound in BOUNDS_H)
_KEYS: Final = ", ".join(
    f"({int(dimension)}, {key})"
    for dimension, key in (
        (Dimension.CHANNEL, "channel::text"),
        (Dimension.DIRECTION, "direction::text"),
        (Dimension.OFFICE, "office::text"),
        (Dimension.COUNTY, "origin"),
        (Dimension.DESTINATION, "destination"),
        (Dimension.LANE, "origin || '>' || destination"),
    )
)
_OUTCOMES: Final = " ".join(f"WHEN {int(one)} THEN '{one.wire}'" for one in sorted(ENDED))
_CELL: Final = "dimension, day, key, product"


def _tall(table: str) -> str:
    """A row a figure that is not nought."""
    scalars = ", ".join(f"('{name}', {name}::bigint)" for name in SCALARS)
    return f"""
    SELECT {_CELL}, f.measure, f.n FROM {table}
    CROSS JOIN LATERAL (VALUES {scalars}) AS f (measure, n) WHERE f.n <> 0
    UNION ALL
    SELECT {_CELL}, 'hours ' || n - 1, c FROM {table},
        unnest(hours) WITH ORDINALITY AS u (c, n) WHERE c <> 0
"""


_STATISTICS_SQL: Final = f"""
WITH {_PLACES}, item AS (
    SELECT p.item_id, p.product, p.channel, coalesce(p.origin_office, 0) AS office,
        {DIRECTION} AS direction, coalesce(o.county, '{ABROAD}') AS origin,
        coalesce(place.county, 'province:' || p.to_province, '{UNKNOWN}') AS destination,
        (p.accepted_at AT TIME ZONE 'Asia/Tehran')::date AS accepted_on,
        (e.ended_at AT TIME ZONE 'Asia/Tehran')::date AS ended_on,
        CASE WHEN e.ended_at IS NOT NULL THEN CASE p.status {_OUTCOMES} END END AS outcome,
        CASE WHEN p.status = {int(Status.DELIVERED)}
            THEN floor(extract(epoch FROM e.ended_at - p.accepted_at) / 60)::int END AS minutes,
        CASE WHEN e.ended_at IS NOT NULL AND p.promised_at IS NOT NULL
            THEN e.ended_at <= p.promised_at
                AND p.status IN ({int(Status.DELIVERED)}, {int(Status.RETURNED)}) END AS within
    FROM parcel p LEFT JOIN office o ON o.id = p.origin_office
    LEFT JOIN place ON place.province = p.to_province AND place.town = p.to_town
    CROSS JOIN LATERAL (
        SELECT CASE WHEN p.status IN ({", ".join(str(int(one)) for one in sorted(ENDED))})
            THEN p.ended_at END AS ended_at
    ) AS e
    WHERE p.accepted_at IS NOT NULL
), keyed AS (
    SELECT d.dimension, d.key, item.* FROM item
    CROSS JOIN LATERAL (VALUES {_KEYS}) AS d (dimension, key)
), counted AS (
    SELECT dimension, accepted_on AS day, key, product, 'accepted' AS measure, count(*) AS n
    FROM keyed GROUP BY 1, 2, 3, 4
    UNION ALL SELECT dimension, ended_on, key, product, outcome, count(*)
    FROM keyed WHERE outcome IS NOT NULL GROUP BY 1, 2, 3, 4, 5
    UNION ALL SELECT dimension, ended_on, key, product, 'promised', count(*)
    FROM keyed WHERE outcome IS NOT NULL AND within IS NOT NULL GROUP BY 1, 2, 3, 4
    UNION ALL SELECT dimension, ended_on, key, product, 'within', count(*)
    FROM keyed WHERE outcome IS NOT NULL AND within GROUP BY 1, 2, 3, 4
    UNION ALL SELECT dimension, ended_on, key, product, 'minutes', sum(minutes)
    FROM keyed WHERE minutes > 0 GROUP BY 1, 2, 3, 4
    UNION ALL SELECT dimension, ended_on, key, product,
        'hours ' || width_bucket(minutes, ARRAY[{_BOUNDS}]), count(*)
    FROM keyed WHERE minutes IS NOT NULL GROUP BY 1, 2, 3, 4, 5
), daily AS ({_tall(DAILY)}), monthly AS ({_tall(MONTHLY)}), months AS (
    SELECT dimension, m.first AS day, key, product, measure, sum(n) AS n
    FROM daily JOIN unnest($1::date[], $2::date[]) AS m (first, after)
        ON day >= m.first AND day < m.after
    GROUP BY 1, 2, 3, 4, 5
), mine AS (
    SELECT item_id, accepted_on, ended_on, origin, destination FROM item_contribution
), task AS ({_TASK_COUNT}), compared AS (
    SELECT '{DAILY}' AS roll_up, day,
        concat_ws(' ', dimension, key, product, measure) AS cell,
        coalesce(k.n, 0) AS counted, coalesce(r.n, 0) AS recounted
    FROM daily k FULL JOIN counted r USING ({_CELL}, measure)
    UNION ALL
    SELECT '{MONTHLY}', day, concat_ws(' ', dimension, key, product, measure),
        coalesce(k.n, 0), coalesce(r.n, 0)
    FROM monthly k FULL JOIN months r USING ({_CELL}, measure)
    UNION ALL
    SELECT 'task_daily', day, task || '/' || kind, coalesce(t.count, 0), coalesce(r.count, 0)
    FROM task_daily t FULL JOIN task r USING (day, task, kind)
    UNION ALL
    SELECT 'item_contribution', coalesce(c.accepted_on, i.accepted_on), item_id::text,
        (c.item_id IS NOT NULL)::int, (i.item_id IS NOT NULL)::int
    FROM mine c FULL JOIN item i USING (item_id)
    WHERE (c.accepted_on, c.ended_on, c.origin, c.destination)
        IS DISTINCT FROM (i.accepted_on, i.ended_on, i.origin, i.destination)
)
SELECT (SELECT count(*) FROM item) AS items,
    (SELECT coalesce(sum(count), 0)::bigint FROM task) AS tasks,
    (SELECT count(*) FROM item WHERE outcome IS NOT NULL) AS ended,
    (SELECT coalesce(json_agg(w), '[]') FROM (SELECT * FROM compared
        WHERE counted <> recounted OR roll_up = 'item_contribution'
        ORDER BY roll_up, day, cell LIMIT {_WRONG_MAX}) w)::text AS wrong
"""

_WANTED_SQL: Final = """
SELECT recount_from IS NOT NULL OR recount_tasks FROM statistics_state
"""
_DAYS_SQL: Final = f"""
SELECT min(day) AS first, max(day) AS last FROM (
    SELECT day FROM {DAILY} UNION ALL SELECT day FROM {MONTHLY}
) AS every
"""


@dataclass(frozen=True, slots=True)
class StatisticsAudit:
    """Items accepted and ended and tasks done, recounted; `wrong`: up to 100 cells that differ."""

    items: int
    ended: int
    tasks: int
    wrong: list[dict[str, Any]]

    @property
    def clean(self) -> bool:
        return not self.wrong

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "clean": self.clean}


async def audit(connection: asyncpg.Connection) -> StatisticsAudit:
    """On a connection that sees one snapshot."""
    days = await connection.fetchrow(_DAYS_SQL)
    starts = _months(days["first"], days["last"]) if days["first"] else []
    found = await connection.fetchrow(_STATISTICS_SQL, starts[:-1], starts[1:])
    return StatisticsAudit(
        found["items"], found["ended"], found["tasks"], json.loads(found["wrong"])
    )


def _months(first: date, last: date) -> list[date]:
    """The first days of the Jalali months of these days, and of the month after them."""
    starts = [month_start(first)]
    while starts[-1] <= last:
        starts.append(month_start(starts[-1] + _LONGEST_MONTH))
    return starts


async def recount(database: Database) -> None:
    """The worker's tick: items, then tasks, where that is asked for; else it locks nothing."""
    if await database.hot.fetchval(_WANTED_SQL):
        await transit.recount(database)
        await recount_tasks(database)


async def recount_tasks(database: Database) -> None:
    """Count the tasks again, where that is asked for, and after the items.

    What the consumer has not yet come to is in the scans already: it is taken off, to be added
    when it comes. Writers of the roll-ups wait meanwhile.
    """
    async with (
        database.acquire() as connection,
        connection.transaction(isolation="repeatable_read"),
    ):
        # a lock of the table is taken before the snapshot is; one of its row would be after
        await connection.execute("LOCK TABLE statistics_state IN EXCLUSIVE MODE")
        if not await connection.fetchval(
            "SELECT recount_tasks AND recount_from IS NULL FROM statistics_state"
        ):
            return
        await connection.execute("SET LOCAL statement_timeout = 0")
        await connection.execute("DELETE FROM task_daily")
        await connection.execute(f"INSERT INTO task_daily (day, task, kind, count) {_TASK_COUNT}")
        await _take_off_pending(connection)
        await connection.execute("UPDATE statistics_state SET recount_tasks = false")


async def _take_off_pending(connection: asyncpg.Connection) -> None:
    pending = connection.cursor(
        "SELECT data::text FROM feed WHERE type = ANY($1) AND position >"
        " coalesce((SELECT position FROM feed_cursor WHERE consumer = $2), 0)"
        " UNION ALL SELECT data::text FROM outbox WHERE type = ANY($1)",
        TYPES,
        CONSUMER,
        prefetch=20,
    )
    async for row in pending:
        found = domain.tasks(items_of({"data": json.loads(row[0])}))
        await repository.add_tasks(connection, {cell: -n for cell, n in found.items()})
