"""`susa audit custody`: items' rows against an independent recount from their events.

Written in SQL from acceptance and end events, not from the fold, so that it can fail. Reads
everything: for audits and tests, never for a request.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

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
    SELECT e.item_id, e.event, e.office, e.event_id,
        least(e.occurred_at, e.recorded_at + interval '5 min') AS at
    FROM scan_event e JOIN parcel p USING (item_id)
    WHERE NOT e.flagged AND p.status <> {int(Status.CANCELLED)}
), ended AS (
    SELECT DISTINCT ON (item_id) item_id, at, event, event_id FROM event
    WHERE event IN {_ENDS} ORDER BY item_id, at, event, event_id
), lived AS (
    SELECT e.* FROM event e LEFT JOIN ended x USING (item_id)
    WHERE x.item_id IS NULL OR (e.at, e.event, e.event_id) < (x.at, x.event, x.event_id)
), holder AS (
    SELECT DISTINCT ON (item_id) item_id, {_TOOK} AS custodian, office FROM lived l
    WHERE event <> {int(Event.DELIVERY_FAILED)}
        AND NOT (event = {int(Event.ACCEPTANCE)} AND EXISTS (
            SELECT FROM lived b WHERE b.item_id = l.item_id
                AND (b.at, b.event, b.event_id) < (l.at, l.event, l.event_id)))
    ORDER BY item_id, at DESC, event DESC, event_id DESC
), expected AS (
    SELECT p.item_id,
        CASE WHEN x.event = {int(Event.DELIVERED)} THEN {int(Custodian.RECIPIENT)}
            WHEN x.event = {int(Event.RETURNED)} THEN {int(Custodian.SENDER)}
            ELSE h.custodian END AS custodian,
        CASE WHEN x.item_id IS NULL THEN h.office END AS custodian_id
    FROM parcel p LEFT JOIN ended x USING (item_id) LEFT JOIN holder h USING (item_id)
)
SELECT p.item_id, p.status, p.custodian, p.custodian_id,
    e.custodian AS expected, e.custodian_id AS expected_id
FROM parcel p JOIN expected e USING (item_id)
WHERE (p.custodian, p.custodian_id) IS DISTINCT FROM (e.custodian, e.custodian_id)
    OR (p.status IN ({int(Status.DELIVERED)}, {int(Status.RETURNED)}))
        <> (p.custodian IN ({int(Custodian.RECIPIENT)}, {int(Custodian.SENDER)})
            AND p.custodian IS NOT NULL)
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


async def audit_custody(database: Database) -> CustodyAudit:
    async with (
        database.hot.acquire(timeout=5) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute("SET LOCAL statement_timeout = 0")
        counts = await connection.fetchrow(_COUNTS_SQL)
        wrong = [dict(row) for row in await connection.fetch(_AUDIT_SQL)]
    return CustodyAudit(**dict(counts), wrong=wrong)
