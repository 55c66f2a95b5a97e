"""SQL of scanning, on asyncpg: a batch is a few statements however many scans it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from services.parcels.scanning.domain import (
    CUSTODIAN_AFTER,
    FITS_AFTER,
    LETS_GO,
    PASSES_NO_CUSTODY,
    STATUS_AFTER,
    Scan,
    State,
    after,
)
from services.parcels.vocabulary import TERMINAL, Custodian, Event, Status

# The transition table as SQL reads it: for event and status before, the status after, 0 where it
# does not fit. Built from the domain, so that there is one truth.
_STATUSES: Final = 16
_EVENT_STEP: Final = 5
_AFTER: Final = [0] * (_STATUSES * (max(Event) // _EVENT_STEP + 1))
for _event, _before in FITS_AFTER.items():
    for _status in _before:
        _AFTER[_event // _EVENT_STEP * _STATUSES + _status] = int(after(_status, _event))
NEXT: Final = (
    f"('{{{','.join(map(str, _AFTER))}}}'::smallint[])"
    f"[i.event / {_EVENT_STEP} * {_STATUSES} + p.status + 1]"
)
_ENDS: Final = (
    f"i.event IN ({', '.join(str(int(e)) for e in Event if STATUS_AFTER[e] in TERMINAL)})"
)
HOLDER: Final = f"""CASE i.event {
    " ".join(
        f"WHEN {int(event)} THEN {int(custodian)}"
        for event, custodian in CUSTODIAN_AFTER.items()
        if custodian is not None
    )
} END"""

# A gap in custody (domain.handover_gap): who had it, and the seconds since; null otherwise.
GAP: Final = f"""CASE WHEN old.custodian_id <> i.office
        AND i.event NOT IN ({", ".join(str(int(e)) for e in sorted(PASSES_NO_CUSTODY))})
        AND (old.custodian = {int(Custodian.OFFICE)} OR (old.custodian = {int(Custodian.TRIP)}
            AND i.event IN ({", ".join(str(int(e)) for e in sorted(LETS_GO))})))
    THEN ARRAY[old.custodian, old.custodian_id,
        floor(extract(epoch FROM i.effective_at - old.fold_at))::bigint] END"""

# `unnest` fills up shorter arrays with nulls: a column that says nothing is sent empty
_INPUT: Final = """
    SELECT n, item_id, event_id, event, coalesce(flagged, false) AS flagged, office, occurred_at,
        coalesce(effective_at, occurred_at) AS effective_at, reason, action, device
    FROM unnest($1::int[], $2::bigint[], $3::uuid[], $4::smallint[], $5::bool[],
        $6::int[], $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[], $11::text[])
    AS sent (n, item_id, event_id, event, flagged, office, occurred_at, effective_at,
             reason, action, device)
"""
_EVENT_COLUMNS: Final = (
    "item_id, event_id, event, flagged, office, occurred_at, recorded_at, actor, reason, action,"
    " device"
)

# The common case in one statement and one write an item: the event is its item's newest and fits.
# An event that was recorded before is not newer than the fold, so it does not get here; should it
# ever (a device clock ahead, sent again later), the plain INSERT fails and the batch goes the
# careful way.
_MOVE_SQL: Final = f"""
WITH moved AS (
    UPDATE parcel p SET status = {NEXT}, version = p.version + 1, updated_at = $12,
        custodian = coalesce({HOLDER}, p.custodian),
        custodian_id = CASE WHEN {_ENDS} THEN NULL
            WHEN {HOLDER} IS NULL THEN p.custodian_id ELSE i.office END,
        accepted_at = coalesce(p.accepted_at, i.effective_at),
        ended_at = CASE WHEN {_ENDS} THEN i.effective_at END,
        fold_at = i.effective_at, fold_event = i.event, fold_event_id = i.event_id
    FROM ({_INPUT}) i
    WHERE p.item_id = i.item_id AND NOT i.flagged AND {NEXT} > 0
        AND (p.fold_at IS NULL OR (i.effective_at, i.event, i.event_id)
            > (p.fold_at, p.fold_event, p.fold_event_id))
    RETURNING i.n, p.item_id, p.partner, p.reference, p.product, p.channel,
        old.status AS previous, new.status, new.version, old.accepted_at AS accepted_before,
        new.accepted_at, i.event_id, i.event, i.flagged, i.office, i.occurred_at,
        i.reason, i.action, i.device, {GAP} AS gap
), recorded AS (
    INSERT INTO scan_event ({_EVENT_COLUMNS})
    SELECT item_id, event_id, event, flagged, office, occurred_at, $12, $13, reason, action, device
    FROM moved
)
SELECT n, partner, reference, product, channel, previous, status, version, accepted_before,
    accepted_at, gap
FROM moved
"""

# The careful way, for what is left: lock the items in the order of their ids and record what is
# new. The caller folds their histories again, under these locks.
_RECORD_SQL: Final = f"""
WITH held AS MATERIALIZED (
    SELECT i.*, p.partner, p.reference, p.product, p.channel, p.status AS previous, p.version,
        p.accepted_at AS accepted_before
    FROM ({_INPUT}) i JOIN parcel p USING (item_id)
    ORDER BY p.item_id FOR NO KEY UPDATE OF p
), fresh AS (
    INSERT INTO scan_event ({_EVENT_COLUMNS})
    SELECT item_id, event_id, event, flagged, office, occurred_at, $12, $13, reason, action, device
    FROM held ON CONFLICT DO NOTHING RETURNING item_id
)
SELECT h.n, h.partner, h.reference, h.product, h.channel, h.previous, h.version,
    h.accepted_before, f.item_id IS NOT NULL AS fresh
FROM held h LEFT JOIN fresh f USING (item_id)
"""

# The first attempt holds what it moved, so it must not wait here for what another batch holds.
_RECORD_NOWAIT_SQL: Final = _RECORD_SQL.replace("OF p\n", "OF p NOWAIT\n")

_LOCK_SQL: Final = """
SELECT FROM parcel WHERE item_id = ANY($1) ORDER BY item_id FOR NO KEY UPDATE
"""

_HISTORY_SQL: Final = """
SELECT item_id, event_id, event, occurred_at, recorded_at, office, flagged, operator
FROM item_event WHERE item_id = ANY($1)
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

_UNMATCHED_SQL: Final = """
INSERT INTO unmatched_scan (barcode, event_id, reason, scan, item_id, recorded_at)
SELECT *, $6 FROM unnest($1::text[], $2::uuid[], $3::text[], $4::json[], $5::bigint[])
ON CONFLICT DO NOTHING
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
    event_id: str
    event: Event
    flagged: bool
    office: int | None
    occurred_at: datetime
    effective_at: datetime
    reason: str | None
    action: str | None
    device: str | None

    @property
    def order(self) -> tuple[datetime, int, str]:
        """As in the fold: a UUID's text sorts as the UUID."""
        return (self.effective_at, self.event, self.event_id)


def _columns(rows: Sequence[Row]) -> list[list[Any]]:
    """As `_INPUT` reads them."""
    return [
        [r.n for r in rows],
        [r.item_id for r in rows],
        [r.event_id for r in rows],
        [r.event for r in rows],
        [r.flagged for r in rows] if any(r.flagged for r in rows) else [],
        [r.office for r in rows],
        [r.occurred_at for r in rows],
        [r.effective_at for r in rows]
        if any(r.effective_at != r.occurred_at for r in rows)
        else [],
        *(_or_nothing([getattr(r, name) for r in rows]) for name in ("reason", "action", "device")),
    ]


def _or_nothing(column: list[Any]) -> list[Any]:
    return column if any(value is not None for value in column) else []


async def move(
    connection: asyncpg.Connection, rows: Sequence[Row], now: datetime, actor: UUID | None
) -> list[asyncpg.Record]:
    """Record and apply the rows of one wave that are newest and fit; a row back for each of them.

    Raises UniqueViolationError, with nothing done, where one was recorded before after all.
    """
    async with connection.transaction():
        found: list[asyncpg.Record] = await connection.fetch(_MOVE_SQL, *_columns(rows), now, actor)
    return found


@dataclass(frozen=True, slots=True, order=True)
class Inbound:
    """An item that begins with its first scan."""

    item_id: int
    product: int
    booked_at: datetime
    backfill: bool


async def lock(connection: asyncpg.Connection, items: Sequence[int]) -> None:
    """Lock items in the order of their ids, so that two batches wait and never deadlock."""
    await connection.execute(_LOCK_SQL, items)


async def record(
    connection: asyncpg.Connection,
    rows: Sequence[Row],
    at: tuple[datetime, UUID | None],
    *,
    locked: bool,
) -> list[asyncpg.Record]:
    """Lock the rows' items and record what is new; a row back per scan whose item exists.

    Raises LockNotAvailableError where the items were not locked before and another batch has one.
    """
    statement = _RECORD_SQL if locked else _RECORD_NOWAIT_SQL
    found: list[asyncpg.Record] = await connection.fetch(statement, *_columns(rows), *at)
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
                row["operator"],
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


class Unmatched(NamedTuple):
    """A scan of no item; `item_id` where it may yet be booked."""

    barcode: str
    event_id: str
    reason: str
    scan: str
    item_id: int | None


async def keep_unmatched(
    connection: asyncpg.Connection, found: Sequence[Unmatched], now: datetime
) -> None:
    columns = (list(c) for c in zip(*sorted(found, key=lambda u: u[:2]), strict=True))
    await connection.execute(_UNMATCHED_SQL, *columns, now)


_ITEM_SQL: Final = """
SELECT item_id, partner, reference, product, channel, status, version, accepted_at, backfill,
    custodian, custodian_id, fold_at, fold_event_id, origin_office
FROM parcel WHERE item_id = $1 FOR NO KEY UPDATE
"""


async def locked_item(connection: asyncpg.Connection, item_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(_ITEM_SQL, item_id)


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
