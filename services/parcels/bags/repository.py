"""SQL of bags, on asyncpg: a bag scan is a few statements however many items the bag holds.

Locks: bags in the order of their ids, then items in the order of theirs. Who adds to a bag's
contents or records its events holds the bag; who changes where an item is holds the item.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from services.parcels.bags.domain import BagEvent, BagScan, BagState, Packing, Stay
from services.parcels.scanning.domain import Scan
from services.parcels.scanning.repository import GAP, HOLDER, NEXT
from services.parcels.vocabulary import Event

# As scanning's own statement for one event of many items: of a bag, none ends an item or leaves it
# with whoever had it.
_MOVE_SQL: Final = f"""
UPDATE parcel p SET status = {NEXT}, version = p.version + 1, updated_at = $6,
    custodian = {HOLDER}, custodian_id = i.holder,
    accepted_at = coalesce(p.accepted_at, i.effective_at),
    fold_at = i.effective_at, fold_event = i.event, fold_event_id = i.event_id
FROM (SELECT item_id, $2::smallint AS event, $3::uuid AS event_id,
        $4::timestamptz AS effective_at, $5::int AS holder, $7::int AS office
    FROM unnest($1::bigint[]) AS m (item_id)) i
WHERE p.item_id = i.item_id AND {NEXT} > 0
    AND (p.fold_at IS NULL OR (i.effective_at, i.event, i.event_id)
        > (p.fold_at, p.fold_event, p.fold_event_id))
RETURNING p.item_id, p.partner, p.reference, p.product, p.channel, old.status AS previous,
    new.status, new.version, old.accepted_at AS accepted_before, new.accepted_at, {GAP} AS gap
"""

_FACTS_SQL: Final = """
SELECT item_id, partner, reference, product, channel, status AS previous, version,
    accepted_at AS accepted_before
FROM parcel WHERE item_id = ANY($1) ORDER BY item_id FOR NO KEY UPDATE
"""

_MEMBERS_AT_SQL: Final = """
SELECT item_id FROM bag_member WHERE bag = $1 AND from_at <= $2 AND until_at >= $2
ORDER BY item_id
"""

_EVENT_SQL: Final = """
INSERT INTO bag_event (bag, event_id, event, flagged, office, operator, at, occurred_at,
    recorded_at, actor, seal, trip, device)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT DO NOTHING RETURNING true
"""

_PACK_SQL: Final = """
INSERT INTO bag_packing (item_id, event_id, bag, packed, flagged, office, at, occurred_at,
    recorded_at, actor)
SELECT item_id, event_id, $2, packed, flagged, office, at, occurred_at, $9, $10
FROM unnest($1::bigint[], $3::uuid[], $4::bool[], $5::bool[], $6::int[], $7::timestamptz[],
    $8::timestamptz[])
    AS p (item_id, event_id, packed, flagged, office, at, occurred_at)
ORDER BY item_id ON CONFLICT DO NOTHING RETURNING item_id, event_id
"""

_STAY_SQL: Final = """
INSERT INTO bag_member (item_id, bag, from_at, until_at)
SELECT item_id, bag, from_at, coalesce(until_at, 'infinity')
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::timestamptz[])
    AS m (item_id, bag, from_at, until_at)
"""

_INHERITED_SQL: Final = """
SELECT item_id, bag, event_id, event, occurred_at, recorded_at, office, flagged, operator
FROM item_event WHERE item_id = ANY($1) AND bag IS NOT NULL AND NOT flagged
"""

_SAVE_BAG_SQL: Final = """
UPDATE bag SET status = $2, office = $3, seal = coalesce($4, seal), version = version + 1,
    updated_at = $5
WHERE id = $1
RETURNING id, receptacle, from_office, to_office, status, office, seal, weight_g, dispatch, version
"""

_BAG_DISCREPANCY_SQL: Final = """
INSERT INTO bag_discrepancy (bag, event_id, kind, recorded_at)
SELECT *, $4 FROM unnest($1::bigint[], $2::uuid[], $3::text[]) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class EventRow:
    """A bag's event on its way into the database."""

    bag: int
    event_id: UUID
    event: BagEvent
    flagged: bool
    office: int | None
    at: datetime
    occurred_at: datetime
    operator: int | None = None
    seal: str | None = None
    trip: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class PackingRow:
    item_id: int
    event_id: str
    packed: bool
    flagged: bool
    office: int | None
    at: datetime
    occurred_at: datetime


async def lock(connection: asyncpg.Connection, bags: Iterable[int]) -> dict[int, asyncpg.Record]:
    """Lock bags in the order of their ids; those that exist, by id."""
    rows = await connection.fetch(
        "SELECT * FROM bag WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", sorted(set(bags))
    )
    return {row["id"]: row for row in rows}


async def of_receptacles(
    connection: asyncpg.Connection, receptacles: Sequence[str], since: datetime
) -> dict[str, int]:
    """The newest bags that bear these S9 numbers, and were created since.

    The numbers are locked in their order until the transaction ends: one bag each is created.
    """
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(code, 9))"
        " FROM (SELECT code FROM unnest($1::text[]) AS r (code) ORDER BY code) AS codes",
        receptacles,
    )
    rows = await connection.fetch(
        "SELECT receptacle, max(id) AS id FROM bag WHERE receptacle = ANY($1)"
        " AND created_at >= $2 GROUP BY receptacle",
        receptacles,
        since,
    )
    return {row["receptacle"]: row["id"] for row in rows}


async def newest_of(connection: asyncpg.Connection, receptacle: str) -> int | None:
    """The newest bag that bears an S9 number."""
    found: int | None = await connection.fetchval(
        "SELECT max(id) FROM bag WHERE receptacle = $1", receptacle
    )
    return found


async def create(
    connection: asyncpg.Connection,
    status: int,
    offices: tuple[int | None, int | None],
    receptacle: str | None,
    at: datetime,
    by: str,
) -> asyncpg.Record:
    """A bag from and to offices (an inbound receptacle comes from none of ours)."""
    return await connection.fetchrow(
        "INSERT INTO bag (receptacle, from_office, to_office, status, office, version,"
        " created_at, created_by, updated_at)"
        " VALUES ($1, $2::int, $3::int, $4, $2::int, 1, $5, $6, $5) RETURNING *",
        receptacle,
        *offices,
        status,
        at,
        by,
    )


async def record(
    connection: asyncpg.Connection, row: EventRow, now: datetime, actor: UUID | None
) -> bool:
    """Whether the event is new."""
    found = await connection.fetchval(
        _EVENT_SQL,
        row.bag,
        row.event_id,
        int(row.event),
        row.flagged,
        row.office,
        row.operator,
        row.at,
        row.occurred_at,
        now,
        actor,
        row.seal,
        row.trip,
        row.device,
    )
    return found is not None


async def members_ever(connection: asyncpg.Connection, bags: Iterable[int]) -> list[int]:
    rows = await connection.fetch(
        "SELECT DISTINCT item_id FROM bag_member WHERE bag = ANY($1)", sorted(set(bags))
    )
    return [row["item_id"] for row in rows]


async def members_at(connection: asyncpg.Connection, bag: int, at: datetime) -> list[int]:
    rows = await connection.fetch(_MEMBERS_AT_SQL, bag, at)
    return [row["item_id"] for row in rows]


async def move(
    connection: asyncpg.Connection, items: Sequence[int], row: EventRow, now: datetime
) -> list[asyncpg.Record]:
    """Apply a bag's event to those of its items whose newest it is and whom it fits."""
    holder = row.operator if row.event is BagEvent.HANDED_OVER else row.office
    found: list[asyncpg.Record] = await connection.fetch(
        _MOVE_SQL, items, int(row.event), row.event_id, row.at, holder, now, row.office
    )
    return found


async def facts(connection: asyncpg.Connection, items: Iterable[int]) -> dict[int, asyncpg.Record]:
    """Lock items in the order of their ids; what is told of each, as it is before a change."""
    rows = await connection.fetch(_FACTS_SQL, sorted(set(items)))
    return {row["item_id"]: row for row in rows}


async def inherited(
    connection: asyncpg.Connection, items: Iterable[int]
) -> dict[int, dict[tuple[int, UUID], Scan]]:
    """Of each item, the events that it has by the bags it was in; by bag and event."""
    found: dict[int, dict[tuple[int, UUID], Scan]] = {item: {} for item in items}
    for row in await connection.fetch(_INHERITED_SQL, list(found)):
        scan = Scan(
            row["event_id"],
            Event(row["event"]),
            row["occurred_at"],
            row["recorded_at"],
            row["office"],
            row["flagged"],
            row["operator"],
        )
        found[row["item_id"]][row["bag"], scan.event_id] = scan
    return found


async def pack(
    connection: asyncpg.Connection,
    bag: int,
    rows: Sequence[PackingRow],
    now: datetime,
    actor: UUID | None,
) -> set[tuple[int, str]]:
    """Record packings; item and event of those that are new."""
    found = await connection.fetch(
        _PACK_SQL,
        [row.item_id for row in rows],
        bag,
        [row.event_id for row in rows],
        [row.packed for row in rows],
        [row.flagged for row in rows],
        [row.office for row in rows],
        [row.at for row in rows],
        [row.occurred_at for row in rows],
        now,
        actor,
    )
    return {(row["item_id"], str(row["event_id"])) for row in found}


async def packings(
    connection: asyncpg.Connection, items: Iterable[int]
) -> dict[int, list[Packing]]:
    found: dict[int, list[Packing]] = {item: [] for item in items}
    rows = await connection.fetch(
        "SELECT item_id, event_id, bag, packed, at, flagged FROM bag_packing"
        " WHERE item_id = ANY($1)",
        list(found),
    )
    for item_id, *columns in rows:
        found[item_id].append(Packing(*columns))
    return found


async def openings(
    connection: asyncpg.Connection, bags: Iterable[int]
) -> dict[int, dict[datetime, UUID]]:
    """When bags were opened, and by which event."""
    found: dict[int, dict[datetime, UUID]] = {}
    rows = await connection.fetch(
        "SELECT bag, at, event_id FROM bag_event WHERE bag = ANY($1) AND event = $2"
        " AND NOT flagged ORDER BY bag, at, event_id",
        sorted(set(bags)),
        int(BagEvent.OPENED),
    )
    for row in rows:
        found.setdefault(row["bag"], {}).setdefault(row["at"], row["event_id"])
    return found


async def save_stays(connection: asyncpg.Connection, found: Mapping[int, Sequence[Stay]]) -> None:
    """Write where items were, in place of what was written before."""
    await connection.execute("DELETE FROM bag_member WHERE item_id = ANY($1)", list(found))
    rows = [
        (item, stay.bag, stay.since, stay.until)
        for item, every in sorted(found.items())
        for stay in every
    ]
    if rows:
        await connection.execute(_STAY_SQL, *(list(c) for c in zip(*rows, strict=True)))


async def remarked(
    connection: asyncpg.Connection, items: Sequence[int], event_id: UUID
) -> dict[str, list[int]]:
    """By kind, the items about which an event was remarked on."""
    found: dict[str, list[int]] = {}
    rows = await connection.fetch(
        "SELECT item_id, kind FROM discrepancy WHERE item_id = ANY($1) AND event_id = $2"
        " ORDER BY item_id",
        items,
        event_id,
    )
    for row in rows:
        found.setdefault(row["kind"], []).append(row["item_id"])
    return found


async def seen_at(
    connection: asyncpg.Connection, pairs: Iterable[tuple[int, UUID]]
) -> set[tuple[int, UUID]]:
    """Those of (item, event) that the item has as a scan of its own."""
    wanted = list(pairs)
    rows = await connection.fetch(
        "SELECT item_id, event_id FROM scan_event JOIN unnest($1::bigint[], $2::uuid[])"
        " AS w (item_id, event_id) USING (item_id, event_id)",
        [item for item, _ in wanted],
        [event for _, event in wanted],
    )
    return {(row["item_id"], row["event_id"]) for row in rows}


async def raise_versions(connection: asyncpg.Connection, by: Mapping[int, int]) -> None:
    """A version for each event told, beyond the one that the state was saved with."""
    more = {item: n - 1 for item, n in by.items() if n > 1}
    if more:
        await connection.execute(
            "UPDATE parcel p SET version = p.version + m.more"
            " FROM unnest($1::bigint[], $2::int[]) AS m (item_id, more)"
            " WHERE p.item_id = m.item_id",
            list(more),
            list(more.values()),
        )


async def events(connection: asyncpg.Connection, bag: int) -> list[BagScan]:
    rows = await connection.fetch(
        "SELECT event_id, event, at, office, seal, flagged FROM bag_event WHERE bag = $1", bag
    )
    return [BagScan(event_id, BagEvent(event), *more) for event_id, event, *more in rows]


async def save(
    connection: asyncpg.Connection, bag: int, state: BagState, now: datetime
) -> asyncpg.Record:
    return await connection.fetchrow(
        _SAVE_BAG_SQL, bag, int(state.status), state.office, state.seal, now
    )


async def note(
    connection: asyncpg.Connection, found: Iterable[tuple[int, UUID, str]], now: datetime
) -> None:
    rows = sorted(found)
    if rows:
        columns = (list(c) for c in zip(*rows, strict=True))
        await connection.execute(_BAG_DISCREPANCY_SQL, *columns, now)
