"""SQL of inquiries: all that names who had an item, and items by phone."""

from typing import Final

import asyncpg

from services.parcels.vocabulary import Event
from shared.database import Database

_ITEM_SQL: Final = """
SELECT item_id, status, origin_office, promised_at, ended_at, custodian
FROM parcel WHERE item_id = $1
"""
# who went out with it is told by the run that had begun last at that time
_CHAIN_SQL: Final = f"""
SELECT e.event, e.event_id, e.office, coalesce(a.reason, e.reason) AS reason, b.trip,
    o.code AS operator,
    coalesce(d.courier, a.courier, r.courier) AS courier,
    least(e.occurred_at, e.recorded_at + interval '5 min') AS at
FROM item_event e
LEFT JOIN bag_event b ON b.bag = e.bag AND b.event_id = e.event_id
LEFT JOIN operator o ON o.id = e.operator
LEFT JOIN delivery_attempt a ON a.item_id = e.item_id AND a.event_id = e.event_id
LEFT JOIN delivery_proof d ON d.item_id = e.item_id AND d.event_id = e.event_id
LEFT JOIN LATERAL (
    SELECT run.courier FROM run_stop s JOIN courier_run run ON run.id = s.run
    WHERE s.item_id = e.item_id
        AND run.started_at <= least(e.occurred_at, e.recorded_at + interval '5 min')
    ORDER BY run.started_at DESC LIMIT 1
) r ON e.event = {int(Event.OUT_FOR_DELIVERY)}
WHERE e.item_id = $1 AND NOT e.flagged
ORDER BY at, e.event, e.event_id
"""
_MISFITS_SQL: Final = """
SELECT kind, event_id, office, last_custodian, last_custodian_id, recorded_at
FROM discrepancy WHERE item_id = $1 ORDER BY recorded_at, event_id, kind
"""
_BY_PHONE_SQL: Final = """
WITH found AS (
    (SELECT item_id, 0 AS role FROM parcel_party WHERE sender_phone = $1
        ORDER BY item_id DESC LIMIT $2)
    UNION ALL
    (SELECT item_id, 1 AS role FROM parcel_party WHERE recipient_phone = $1
        ORDER BY item_id DESC LIMIT $2)
), own AS (SELECT item_id, min(role) AS role FROM found GROUP BY item_id)
SELECT p.item_id, own.role, p.status, p.product, p.origin_office, p.booked_at, p.promised_at
FROM own JOIN parcel p USING (item_id) ORDER BY p.booked_at DESC, p.item_id DESC LIMIT $2
"""


async def item(database: Database, item_id: int) -> asyncpg.Record | None:
    return await database.hot.fetchrow(_ITEM_SQL, item_id)


async def chain(database: Database, item_id: int) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await database.hot.fetch(_CHAIN_SQL, item_id)
    return rows


async def misfits(database: Database, item_id: int) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await database.hot.fetch(_MISFITS_SQL, item_id)
    return rows


async def by_phone(database: Database, phone: str, limit: int) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await database.hot.fetch(_BY_PHONE_SQL, phone, limit)
    return rows
