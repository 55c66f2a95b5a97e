"""`susa audit`: what is kept against an independent recount from the events.

`custody`: items' rows, recounted in SQL from acceptance and end events, not from the fold, so that
it can fail. `statistics`: the roll-ups, which have to have caught up; an office that changed its
kind is recounted under the kind it has now. Reads everything: for audits and tests, never for a
request.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

import asyncpg

from services.parcels.vocabulary import TASK_OF, Custodian, Event, Status
from shared.database import Database

_ENDS: Final = f"({int(Event.DELIVERED)}, {int(Event.RETURNED)}, {int(Event.LOST)})"
_TOOK: Final = f"""
CASE event WHEN {int(Event.DEPARTURE)} THEN {int(Custodian.TRIP)}
    WHEN {int(Event.OUT_FOR_DELIVERY)} THEN {int(Custodian.COURIER)}
    ELSE {int(Custodian.OFFICE)} END
"""

_AUDIT_SQL: Final = f"""
WITH event AS (
    SELECT e.item_id, e.event, e.office, row_number() OVER item AS nth,
        count(*) FILTER (WHERE e.event IN {_ENDS})
            OVER (item ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ends_before
    FROM scan_event e JOIN parcel p USING (item_id)
    WHERE NOT e.flagged AND p.status <> {int(Status.CANCELLED)}
    WINDOW item AS (PARTITION BY e.item_id
        ORDER BY least(e.occurred_at, e.recorded_at + interval '5 min'), e.event, e.event_id)
), holder AS (
    SELECT DISTINCT ON (item_id) item_id, event,
        CASE WHEN event = {int(Event.DELIVERED)} THEN {int(Custodian.RECIPIENT)}
            WHEN event = {int(Event.RETURNED)} THEN {int(Custodian.SENDER)}
            WHEN event = {int(Event.LOST)} THEN {int(Custodian.NOBODY)}
            ELSE {_TOOK} END AS custodian,
        CASE WHEN event NOT IN {_ENDS} THEN office END AS custodian_id
    FROM event
    WHERE ends_before = 0 AND (nth = 1
        OR event NOT IN ({int(Event.ACCEPTANCE)}, {int(Event.DELIVERY_FAILED)}))
    ORDER BY item_id, nth DESC
)
SELECT p.item_id, p.status, p.custodian, p.custodian_id,
    h.custodian AS expected, h.custodian_id AS expected_id
FROM parcel p LEFT JOIN holder h USING (item_id)
WHERE (p.custodian, p.custodian_id) IS DISTINCT FROM (h.custodian, h.custodian_id)
    OR (p.status IN ({int(Status.DELIVERED)}, {int(Status.RETURNED)}, {int(Status.LOST)}))
        <> (p.custodian IS NOT NULL AND p.custodian IN ({int(Custodian.RECIPIENT)},
            {int(Custodian.SENDER)}, {int(Custodian.NOBODY)}))
LIMIT 100
"""

_COUNTS_SQL: Final = f"""
SELECT count(*) AS items,
    count(*) FILTER (WHERE accepted_at IS NOT NULL) AS accepted,
    count(*) FILTER (WHERE custodian IN (1, 2, 3, 4)) AS in_custody,
    count(*) FILTER (WHERE custodian IN (5, 6, 7)) AS ended,
    count(*) FILTER (WHERE status = {int(Status.CANCELLED)}) AS cancelled
FROM parcel
"""

_TASKS: Final = " ".join(f"WHEN {int(event)} THEN {int(task)}" for event, task in TASK_OF.items())
_TASK: Final = f"CASE e.event {_TASKS} END"
_STATISTICS_SQL: Final = f"""
WITH volume AS (
    SELECT (accepted_at AT TIME ZONE 'Asia/Tehran')::date AS day, product, channel,
        count(*) AS items
    FROM parcel WHERE accepted_at IS NOT NULL GROUP BY 1, 2, 3
), task AS (
    SELECT (least(e.occurred_at, e.recorded_at + interval '5 min')
            AT TIME ZONE 'Asia/Tehran')::date AS day,
        {_TASK} AS task, o.kind, count(*) AS count
    FROM scan_event e JOIN parcel p USING (item_id) JOIN office o ON o.id = e.office
    WHERE NOT e.flagged AND p.status <> {int(Status.CANCELLED)} AND {_TASK} IS NOT NULL
        AND (e.event <> {int(Event.ARRIVAL)} OR o.kind = 'sorting_centre')
    GROUP BY 1, 2, 3
), compared AS (
    SELECT 'volume_daily' AS roll_up, day, product || '/' || channel AS cell,
        coalesce(v.items, 0) AS counted, coalesce(r.items, 0) AS recounted
    FROM volume_daily v FULL JOIN volume r USING (day, product, channel)
    UNION ALL
    SELECT 'task_daily', day, task || '/' || kind, coalesce(t.count, 0), coalesce(r.count, 0)
    FROM task_daily t FULL JOIN task r USING (day, task, kind)
)
SELECT coalesce(sum(recounted) FILTER (WHERE roll_up = 'volume_daily'), 0)::bigint AS items,
    coalesce(sum(recounted) FILTER (WHERE roll_up = 'task_daily'), 0)::bigint AS tasks,
    (SELECT coalesce(json_agg(w), '[]') FROM (SELECT * FROM compared WHERE counted <> recounted
        ORDER BY roll_up, day, cell LIMIT 100) w)::text AS wrong
FROM compared
"""


@dataclass(frozen=True, slots=True)
class StatisticsAudit:
    """Items accepted and tasks done, recounted; `wrong`: up to 100 cells that differ."""

    items: int
    tasks: int
    wrong: list[dict[str, Any]]

    @property
    def clean(self) -> bool:
        return not self.wrong

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "clean": self.clean}


@dataclass(frozen=True, slots=True)
class CustodyAudit:
    """`wrong`: up to 100 items whose row differs from the recount."""

    items: int
    accepted: int
    in_custody: int
    ended: int
    cancelled: int
    wrong: list[dict[str, Any]]

    @property
    def clean(self) -> bool:
        """Every accepted item has exactly one custodian, and the rows agree with the recount."""
        return not self.wrong and self.accepted == self.in_custody + self.ended

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "clean": self.clean}


@asynccontextmanager
async def _snapshot(database: Database) -> AsyncIterator[asyncpg.Connection]:
    async with (
        database.hot.acquire(timeout=5) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute("SET LOCAL statement_timeout = 0")
        yield connection


async def audit_statistics(database: Database) -> StatisticsAudit:
    async with _snapshot(database) as connection:
        found = await connection.fetchrow(_STATISTICS_SQL)
    return StatisticsAudit(found["items"], found["tasks"], json.loads(found["wrong"]))


async def audit_custody(database: Database) -> CustodyAudit:
    async with _snapshot(database) as connection:
        counts = await connection.fetchrow(_COUNTS_SQL)
        wrong = [dict(row) for row in await connection.fetch(_AUDIT_SQL)]
    return CustodyAudit(**dict(counts), wrong=wrong)
