"""SQL of scanning, on asyncpg: a batch is a few statements however many scans it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from services.parcels.scanning.domain import CUSTODIAN_AFTER, FITS_AFTER, Scan, State, after
from services.parcels.vocabulary import TERMINAL, Event, Status

# The transition table as SQL reads it: for an event and the status before, the status after, for
# those that fit without remark. Built from the domain, so that there is one truth.
_TRANSITIONS: Final = ", ".join(
    f"({int(event)}, {int(status)}, {int(after(status, event))}, "
    f"{int(CUSTODIAN_AFTER[event] or 0)}, {after(status, event) in TERMINAL})"
    for event, statuses in FITS_AFTER.items()
    for status in sorted(statuses)
)

# One statement a wave (each item at most once): lock the items in the order of their ids, record
# the events that are new, and move those whose event is the newest and fits. What it leaves is
# folded anew by the caller, under the same locks.
_RECORD_SQL: Final = f"""
WITH input AS (
    SELECT * FROM unnest($1::int[], $2::bigint[], $3::uuid[], $4::smallint[], $5::bool[],
        $6::int[], $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[], $11::text[])
    AS i (n, item_id, event_id, event, flagged, office, occurred_at, effective_at,
          reason, action, device)
), held AS MATERIALIZED (
    SELECT i.n, i.event_id, i.event, i.flagged, i.office, i.occurred_at, i.effective_at,
        i.reason, i.action, i.device, p.item_id, p.partner, p.reference, p.product, p.channel,
        p.status, p.version, p.accepted_at, p.backfill, p.fold_at, p.fold_event, p.fold_event_id
    FROM input i JOIN parcel p USING (item_id)
    ORDER BY p.item_id FOR NO KEY UPDATE OF p
), fresh AS (
    INSERT INTO scan_event (item_id, event_id, event, flagged, office, occurred_at, recorded_at,
        actor, reason, action, device)
    SELECT item_id, event_id, event, flagged, office, occurred_at, $12, $13, reason, action, device
    FROM held ON CONFLICT DO NOTHING RETURNING item_id
), step AS MATERIALIZED (
    SELECT h.item_id, h.event, h.event_id, h.office, h.effective_at, t.status, t.custodian, t.ends
    FROM held h JOIN fresh USING (item_id)
    JOIN (VALUES {_TRANSITIONS}) AS t (event, before, status, custodian, ends)
        ON t.event = h.event AND t.before = h.status
    WHERE NOT h.flagged AND (h.fold_at IS NULL OR (h.effective_at, h.event, h.event_id)
        > (h.fold_at, h.fold_event, h.fold_event_id))
), moved AS (
    UPDATE parcel p SET status = s.status, version = p.version + 1, updated_at = $12,
        custodian = CASE WHEN s.custodian = 0 THEN p.custodian ELSE s.custodian END,
        custodian_id = CASE WHEN s.ends THEN NULL
            WHEN s.custodian = 0 THEN p.custodian_id ELSE s.office END,
        accepted_at = coalesce(p.accepted_at, s.effective_at),
        ended_at = CASE WHEN s.ends THEN s.effective_at END,
        fold_at = s.effective_at, fold_event = s.event, fold_event_id = s.event_id
    FROM step s WHERE p.item_id = s.item_id
    RETURNING p.item_id
)
SELECT h.n, h.item_id, h.partner, h.reference, h.product, h.channel, h.status AS previous,
    h.version, h.accepted_at, h.backfill, f.item_id IS NOT NULL AS fresh, s.status
FROM held h LEFT JOIN fresh f USING (item_id) LEFT JOIN step s USING (item_id)
"""

_HISTORY_SQL: Final = """
SELECT item_id, event_id, event, occurred_at, recorded_at, office, flagged
FROM scan_event WHERE item_id = ANY($1)
"""

_REFOLD_SQL: Final = """
UPDATE parcel p SET status = f.status, version = p.version + 1, updated_at = $10,
    custodian = f.custodian, custodian_id = f.custodian_id, accepted_at = f.accepted_at,
    ended_at = f.ended_at, fold_at = f.fold_at, fold_event = f.fold_event,
    fold_event_id = f.fold_event_id
FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::bigint[], $5::timestamptz[],
    $6::timestamptz[], $7::timestamptz[], $8::smallint[], $9::uuid[])
AS f (item_id, status, custodian, custodian_id, accepted_at, ended_at, fold_at, fold_event,
    fold_event_id)
WHERE p.item_id = f.item_id
"""

_DISCREPANCY_SQL: Final = """
INSERT INTO discrepancy (item_id, event_id, kind, recorded_at)
SELECT *, $4 FROM unnest($1::bigint[], $2::uuid[], $3::text[]) ON CONFLICT DO NOTHING
"""

_UNMATCHED_SQL: Final = """
INSERT INTO unmatched_scan (barcode, event_id, reason, scan, recorded_at)
SELECT *, $5 FROM unnest($1::text[], $2::uuid[], $3::text[], $4::json[]) ON CONFLICT DO NOTHING
"""

_INBOUND_SQL: Final = f"""
INSERT INTO parcel (item_id, partner, product, channel, status, version, price_rials,
    declared_value_rials, cod_rials, backfill, booked_at, updated_at)
SELECT item_id, $5, product, $6, {int(Status.BOOKED)}, 1, 0, 0, 0, backfill, booked_at, $7
FROM unnest($1::bigint[], $2::smallint[], $3::timestamptz[], $4::bool[])
    AS i (item_id, product, booked_at, backfill)
ON CONFLICT DO NOTHING
"""

_ALIAS_SQL: Final = """
INSERT INTO item_alias (code, item_id) SELECT * FROM unnest($1::text[], $2::bigint[])
ON CONFLICT DO NOTHING
"""


@dataclass(slots=True)
class Row:
    """A scan on its way into the database; `n` is its place in the request."""

    n: int
    item_id: int
    scan: Scan
    reason: str | None
    action: str | None
    device: str | None


@dataclass(frozen=True, slots=True, order=True)
class Inbound:
    """An item that begins with its first scan."""

    item_id: int
    product: int
    booked_at: datetime
    backfill: bool


async def record(
    connection: asyncpg.Connection, rows: Sequence[Row], now: datetime, actor: UUID | None
) -> list[asyncpg.Record]:
    """Record one wave; a row back per scan whose item exists."""
    found: list[asyncpg.Record] = await connection.fetch(
        _RECORD_SQL,
        [r.n for r in rows],
        [r.item_id for r in rows],
        [r.scan.event_id for r in rows],
        [int(r.scan.event) for r in rows],
        [r.scan.flagged for r in rows],
        [r.scan.office for r in rows],
        [r.scan.occurred_at for r in rows],
        [r.scan.effective_at for r in rows],
        [r.reason for r in rows],
        [r.action for r in rows],
        [r.device for r in rows],
        now,
        actor,
    )
    return found


async def histories(connection: asyncpg.Connection, items: Sequence[int]) -> dict[int, list[Scan]]:
    found: dict[int, list[Scan]] = {item: [] for item in items}
    for row in await connection.fetch(_HISTORY_SQL, items):
        found[row["item_id"]].append(
            Scan(
                row["event_id"],
                Event(row["event"]),
                row["occurred_at"],
                row["recorded_at"],
                row["office"],
                row["flagged"],
            )
        )
    return found


async def save_states(
    connection: asyncpg.Connection, states: dict[int, State], now: datetime
) -> None:
    """Write folded states over items whose rows are locked."""
    columns: list[tuple[Any, ...]] = [
        (
            item,
            int(s.status),
            int(s.custodian) if s.custodian else None,
            s.custodian_id,
            s.accepted_at,
            s.ended_at,
            *(s.last or (None, None, None)),
        )
        for item, s in states.items()
    ]
    await connection.execute(_REFOLD_SQL, *(list(c) for c in zip(*columns, strict=True)), now)


async def note_discrepancies(
    connection: asyncpg.Connection, found: Sequence[tuple[int, UUID, str]], now: datetime
) -> None:
    await connection.execute(
        _DISCREPANCY_SQL, *(list(c) for c in zip(*sorted(found), strict=True)), now
    )


async def keep_unmatched(
    connection: asyncpg.Connection, found: Sequence[tuple[str, UUID, str, str]], now: datetime
) -> None:
    await connection.execute(
        _UNMATCHED_SQL, *(list(c) for c in zip(*sorted(found), strict=True)), now
    )


async def create_inbound(
    connection: asyncpg.Connection,
    items: Sequence[Inbound],
    channel: int,
    owner: UUID,
    now: datetime,
) -> None:
    """Create what is missing, in the order given (by id: two batches wait, never deadlock)."""
    await connection.execute(
        _INBOUND_SQL,
        [item.item_id for item in items],
        [item.product for item in items],
        [item.booked_at for item in items],
        [item.backfill for item in items],
        owner,
        channel,
        now,
    )


async def newest_lives(
    connection: asyncpg.Connection, ranges: Sequence[range]
) -> list[tuple[int, datetime] | None]:
    """For each S10 number (the range of its reuses): the newest item bearing it, and its begin."""
    rows = await connection.fetch(
        "SELECT p.item_id, p.booked_at FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY"
        " AS r (low, high, n) LEFT JOIN LATERAL (SELECT item_id, booked_at FROM parcel"
        " WHERE item_id >= r.low AND item_id < r.high ORDER BY item_id DESC LIMIT 1) p ON true"
        " ORDER BY r.n",
        [r.start for r in ranges],
        [r.stop for r in ranges],
    )
    return [(r["item_id"], r["booked_at"]) if r["item_id"] is not None else None for r in rows]


async def aliases(
    connection: asyncpg.Connection, codes: Sequence[str], new_ids: Sequence[int]
) -> dict[str, int]:
    """The items of other posts' numbers; an unseen number takes the new id beside it.

    Read by a second statement: the first does not see what another batch committed meanwhile.
    """
    await connection.execute(_ALIAS_SQL, codes, new_ids)
    rows = await connection.fetch("SELECT * FROM item_alias WHERE code = ANY($1)", codes)
    return {row["code"]: row["item_id"] for row in rows}
