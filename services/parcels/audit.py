"""`susa audit`: what is kept against an independent recount from the events.

`custody`: items' rows, recounted in SQL from acceptance and end events, and when they were in which
bag from packings and openings: not from the fold nor from the membership that is kept, so that it
can fail. `statistics`: the roll-ups, which have to have caught up; see statistics.recount.
`promises`: what is noted of items under way and of breaches, against the items' rows, when the
consumer has caught up. Reads everything: for audits and tests, never for a request.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

import asyncpg

from services.parcels.statistics import recount
from services.parcels.statistics.recount import StatisticsAudit
from services.parcels.vocabulary import TERMINAL, Custodian, Event, Status
from shared.database import Database

_ENDS: Final = (
    f"({int(Event.DELIVERED)}, {int(Event.RETURNED)}, {int(Event.LOST)}, {int(Event.DESTROYED)})"
)
_TOOK: Final = f"""
CASE event WHEN {int(Event.DEPARTURE)} THEN {int(Custodian.TRIP)}
    WHEN {int(Event.HANDED_OVER)} THEN {int(Custodian.OPERATOR)}
    WHEN {int(Event.OUT_FOR_DELIVERY)} THEN {int(Custodian.COURIER)}
    ELSE {int(Custodian.OFFICE)} END
"""

_OF_BAGS: Final = ", ".join(
    str(int(event)) for event in (Event.DEPARTURE, Event.ARRIVAL, Event.HANDED_OVER, Event.HELD)
)
_OPENED: Final = 45

_AUDIT_SQL: Final = f"""
WITH said AS (
    SELECT DISTINCT ON (item_id, at) item_id, at, bag, packed FROM bag_packing WHERE NOT flagged
    ORDER BY item_id, at, packed DESC, event_id DESC
), stay AS (
    SELECT item_id, bag, packed, at AS since,
        lead(at) OVER (PARTITION BY item_id ORDER BY at) AS until
    FROM said
), happened AS (
    SELECT item_id, event_id, event, flagged, office, occurred_at, recorded_at FROM scan_event
    UNION ALL
    SELECT DISTINCT s.item_id, b.event_id, b.event, b.flagged, coalesce(b.operator, b.office),
        b.occurred_at, b.recorded_at
    FROM stay s JOIN bag_event b ON b.bag = s.bag AND b.at >= s.since
        AND (s.until IS NULL OR b.at <= s.until)
    WHERE s.packed AND b.event IN ({_OF_BAGS}) AND NOT EXISTS (
        SELECT FROM bag_event o WHERE o.bag = s.bag AND o.event = {_OPENED} AND NOT o.flagged
            AND o.at >= s.since AND o.at < b.at)
), event AS (
    SELECT e.item_id, e.event, e.office, row_number() OVER item AS nth,
        count(*) FILTER (WHERE e.event IN {_ENDS})
            OVER (item ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ends_before
    FROM happened e JOIN parcel p USING (item_id)
    WHERE NOT e.flagged AND p.status <> {int(Status.CANCELLED)}
    WINDOW item AS (PARTITION BY e.item_id
        ORDER BY least(e.occurred_at, e.recorded_at + interval '5 min'), e.event, e.event_id)
), holder AS (
    SELECT DISTINCT ON (item_id) item_id, event,
        CASE WHEN event = {int(Event.DELIVERED)} THEN {int(Custodian.RECIPIENT)}
            WHEN event = {int(Event.RETURNED)} THEN {int(Custodian.SENDER)}
            WHEN event IN ({int(Event.LOST)}, {int(Event.DESTROYED)}) THEN {int(Custodian.NOBODY)}
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
    OR (p.status IN ({int(Status.DELIVERED)}, {int(Status.RETURNED)}, {int(Status.LOST)},
            {int(Status.DESTROYED)}))
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

_OVER: Final = ", ".join(str(int(status)) for status in sorted({*TERMINAL, Status.RETURNING}))
_PROMISES_SQL: Final = f"""
WITH live AS (
    SELECT p.item_id, p.promised_at FROM parcel p
    WHERE p.accepted_at IS NOT NULL AND p.promised_at IS NOT NULL AND p.status NOT IN ({_OVER})
), breach AS (
    SELECT item_id, promised_at FROM promise_breach WHERE withdrawn_at IS NULL
), wrong AS (
    SELECT item_id, 'not noted as it is under way' AS what
    FROM live l FULL JOIN promise_due d USING (item_id)
    WHERE l.promised_at IS DISTINCT FROM d.promised_at
    UNION ALL
    SELECT p.item_id, CASE WHEN b.item_id IS NULL THEN 'late, and no breach' ELSE 'no breach' END
    FROM parcel p LEFT JOIN breach b USING (item_id, promised_at)
    WHERE p.status = {int(Status.DELIVERED)} AND p.promised_at IS NOT NULL
        AND (p.ended_at > p.promised_at) <> (b.item_id IS NOT NULL)
    UNION ALL
    SELECT b.item_id, 'breach of another promise'
    FROM breach b JOIN parcel p USING (item_id) WHERE p.promised_at <> b.promised_at
)
SELECT (SELECT count(*) FROM live) AS under_way,
    (SELECT count(*) FROM promise_due WHERE paused) AS paused,
    (SELECT count(*) FROM breach) AS breaches,
    (SELECT coalesce(json_agg(w), '[]') FROM (SELECT * FROM wrong ORDER BY item_id LIMIT 100) w)
        ::text AS wrong
"""


@dataclass(frozen=True, slots=True)
class PromiseAudit:
    """Items under way, those that are paused, breaches that hold; `wrong`: up to 100 items."""

    under_way: int
    paused: int
    breaches: int
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
async def snapshot(database: Database) -> AsyncIterator[asyncpg.Connection]:
    async with (
        database.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute("SET LOCAL statement_timeout = 0")
        yield connection


async def audit_statistics(database: Database) -> StatisticsAudit:
    async with snapshot(database) as connection:
        return await recount.audit(connection)


async def audit_promises(database: Database) -> PromiseAudit:
    async with snapshot(database) as connection:
        found = dict(await connection.fetchrow(_PROMISES_SQL))
    return PromiseAudit(**{**found, "wrong": json.loads(found["wrong"])})


async def audit_custody(database: Database) -> CustodyAudit:
    async with snapshot(database) as connection:
        counts = await connection.fetchrow(_COUNTS_SQL)
        wrong = [dict(row) for row in await connection.fetch(_AUDIT_SQL)]
    return CustodyAudit(**dict(counts), wrong=wrong)
