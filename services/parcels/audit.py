"""`susa audit`: what is kept against an independent recount from the events.

`custody`: items' rows, recounted in SQL from acceptance and end events, not from the fold, so that
it can fail. `statistics`: the roll-ups, which have to have caught up; see statistics.recount. Reads
everything: for audits and tests, never for a request.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

import asyncpg

from services.parcels.statistics import recount
from services.parcels.statistics.recount import StatisticsAudit
from services.parcels.vocabulary import Custodian, Event, Status
from shared.database import Database

_ENDS: Final = f"({int(Event.DELIVERED)}, {int(Event.RETURNED)})"
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
    OR (p.status IN ({int(Status.DELIVERED)}, {int(Status.RETURNED)}))
        <> (p.custodian IS NOT NULL
            AND p.custodian IN ({int(Custodian.RECIPIENT)}, {int(Custodian.SENDER)}))
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
        return await recount.audit(connection)


async def audit_custody(database: Database) -> CustodyAudit:
    async with _snapshot(database) as connection:
        counts = await connection.fetchrow(_COUNTS_SQL)
        wrong = [dict(row) for row in await connection.fetch(_AUDIT_SQL)]
    return CustodyAudit(**dict(counts), wrong=wrong)
