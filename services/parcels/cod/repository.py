"""SQL of cash on delivery: what items say, what was taken, who holds how much."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.cod.domain import End, Place, Taking
from services.parcels.cod.models import CodTaking
from services.parcels.network.models import Office
from services.parcels.vocabulary import Event, Status

# The last scan that counted of a delivered item is its delivery: an end absorbs what comes after.
# Cash is with the courier where the item had gone out with one, else with the office's counter.
_ENDS = text(f"""
SELECT p.item_id, p.partner, p.cod_rials AS amount_rials, d.event_id, p.ended_at AS taken_at,
    coalesce(d.office, led.office, p.origin_office, 0) AS office,
    CASE WHEN led.event = {int(Event.OUT_FOR_DELIVERY)}
        THEN coalesce(proof.courier, d.actor::text) END AS collector
FROM parcel AS p
LEFT JOIN scan_event AS d ON d.item_id = p.item_id AND d.event_id = p.fold_event_id
    AND p.status = {int(Status.DELIVERED)}
LEFT JOIN LATERAL (
    SELECT b.event, b.office FROM item_event AS b
    WHERE b.item_id = d.item_id AND NOT b.flagged AND b.event <> {int(Event.DELIVERY_FAILED)}
        AND (least(b.occurred_at, b.recorded_at + interval '5 min'), b.event, b.event_id)
            < (p.fold_at, p.fold_event, p.fold_event_id)
    ORDER BY least(b.occurred_at, b.recorded_at + interval '5 min') DESC, b.event DESC,
        b.event_id DESC LIMIT 1
) AS led ON true
LEFT JOIN delivery_proof AS proof
    ON (proof.item_id, proof.event_id) = (d.item_id, d.event_id)
WHERE p.item_id = ANY(CAST(:items AS bigint[])) AND p.cod_rials > 0
ORDER BY p.item_id
""")

_NEWEST: Final = """
SELECT DISTINCT ON (item_id) item_id, taking, partner, amount_rials, event_id, office, collector,
    place
FROM cod_taking WHERE item_id = ANY(CAST(:items AS bigint[]))
ORDER BY item_id, taking DESC
"""

_INSERT = text("""
INSERT INTO cod_taking (item_id, taking, partner, amount_rials, office, collector, event_id, place,
    taken_at)
SELECT * FROM unnest(CAST(:items AS bigint[]), CAST(:takings AS smallint[]),
    CAST(:partners AS uuid[]), CAST(:amounts AS bigint[]), CAST(:offices AS int[]),
    CAST(:collectors AS text[]), CAST(:events AS uuid[]), CAST(:places AS smallint[]),
    CAST(:times AS timestamptz[]))
""")

_OWED = text(f"""
SELECT place, holder, count(taken_at) AS items, coalesce(sum(rials), 0)::bigint AS rials,
    coalesce(sum(carried), 0)::bigint AS carried, min(taken_at) AS oldest_taken_at
FROM (
    SELECT place, collector AS holder, amount_rials AS rials, 0 AS carried, taken_at
    FROM cod_taking WHERE place = {int(Place.COURIER)}
    UNION ALL
    SELECT place, office::text, amount_rials, 0, taken_at
    FROM cod_taking WHERE place = {int(Place.OFFICE)}
    UNION ALL
    SELECT place, partner::text, amount_rials, 0, taken_at
    FROM cod_taking WHERE place = {int(Place.DUE)}
    UNION ALL
    SELECT CASE split_part(account, '/', 2) WHEN 'courier' THEN {int(Place.COURIER)}
            WHEN 'office' THEN {int(Place.OFFICE)} ELSE {int(Place.DUE)} END,
        split_part(account, '/', 3), 0, carried_rials, NULL
    FROM cash_holder WHERE carried_rials <> 0
) AS held
GROUP BY place, holder
HAVING (CAST(:place AS smallint), CAST(:holder AS text)) IS NULL
    OR (place, holder) > (CAST(:place AS smallint), CAST(:holder AS text))
ORDER BY place, holder LIMIT :limit
""")


async def ends(session: AsyncSession, items: Collection[int]) -> list[End]:
    """Of those of the items that have cash on delivery, by item id."""
    rows = await session.execute(_ENDS, {"items": list(items)})
    return [End(**row) for row in rows.mappings()]


async def newest(session: AsyncSession, items: Collection[int]) -> dict[int, Taking]:
    rows = await session.execute(text(_NEWEST), {"items": list(items)})
    return {row["item_id"]: _taking(row) for row in rows.mappings()}


def _taking(row: Mapping[Any, Any]) -> Taking:
    return Taking(**{**row, "place": Place(row["place"])})


async def office_codes(session: AsyncSession, offices: Collection[int]) -> dict[int, str]:
    rows = await session.execute(select(Office.id, Office.code).where(Office.id.in_(offices)))
    return {row.id: row.code for row in rows}


async def open_holders(session: AsyncSession, accounts: Collection[str]) -> None:
    """Rows of holders that are not there yet."""
    await session.execute(
        text(
            "INSERT INTO cash_holder (account, carried_rials)"
            " SELECT account, 0 FROM unnest(CAST(:accounts AS text[])) AS new (account)"
            " ON CONFLICT DO NOTHING"
        ),
        {"accounts": sorted(accounts)},
    )


async def lock_holders(session: AsyncSession, accounts: Collection[str]) -> dict[str, int]:
    """What they carry, by account; locked in the order of the accounts, before any taking."""
    rows = await session.execute(
        text(
            "SELECT account, carried_rials FROM cash_holder"
            " WHERE account = ANY(CAST(:accounts AS text[])) ORDER BY account FOR UPDATE"
        ),
        {"accounts": sorted(accounts)},
    )
    return {row.account: row.carried_rials for row in rows}


async def carry(session: AsyncSession, changes: Mapping[str, int]) -> None:
    """Add to what holders carry, who are locked."""
    await session.execute(
        text(
            "UPDATE cash_holder AS h SET carried_rials = h.carried_rials + c.rials"
            " FROM unnest(CAST(:accounts AS text[]), CAST(:rials AS bigint[]))"
            " AS c (account, rials) WHERE h.account = c.account"
        ),
        {"accounts": list(changes), "rials": list(changes.values())},
    )


async def add(session: AsyncSession, taken: Sequence[tuple[End, int]]) -> None:
    """Takings with their numbers."""
    rows = [end for end, _ in taken]
    await session.execute(
        _INSERT,
        {
            "items": [end.item_id for end in rows],
            "takings": [number for _, number in taken],
            "partners": [end.partner for end in rows],
            "amounts": [end.amount_rials for end in rows],
            "offices": [end.office for end in rows],
            "collectors": [end.collector for end in rows],
            "events": [end.event_id for end in rows],
            "places": [int(Place.COURIER if end.collector else Place.OFFICE) for end in rows],
            "times": [end.taken_at for end in rows],
        },
    )


async def mark_reversed(session: AsyncSession, taking: Taking, at: datetime) -> None:
    await session.execute(
        update(CodTaking)
        .where(CodTaking.item_id == taking.item_id, CodTaking.taking == taking.taking)
        .values(place=int(Place.REVERSED), reversed_at=at)
    )


@dataclass(frozen=True, slots=True)
class At:
    """Which takings: of a place, of holders."""

    place: Place | None = None
    collector: str | None = None
    office: int | None = None
    partner: UUID | None = None
    payment_order: UUID | None = None

    def of(self, query: Select[Any]) -> Select[Any]:
        if self.place is not None:  # as its partial index says it
            query = query.where(text(f"place = {int(self.place)}"))
        for name in ("collector", "office", "partner", "payment_order"):
            value = getattr(self, name)
            if value is not None:
                query = query.where(getattr(CodTaking, name) == value)
        return query


@dataclass(frozen=True, slots=True)
class Sum:
    items: int
    rials: int


_MOVES: Final = {
    Place.COURIER: "collector = :holder AND place = 1",
    Place.OFFICE: "office = :holder AND place = 2",
    Place.DUE: "partner = :holder AND place = 3",
}
_MARK: Final = {
    Place.OFFICE: "hand_in = :mark, office = :office",
    Place.DUE: "drawer_close = :mark",
    Place.ORDERED: "payment_order = :mark",
}


async def move(
    session: AsyncSession,
    holder: UUID | int | str,
    places: tuple[Place, Place],
    mark: UUID,
    *,
    office: int | None = None,
) -> Sum:
    """All that a locked holder has at the first place go to the second; how much that was."""
    source, target = places
    values: dict[str, Any] = {"holder": holder, "mark": mark}
    if target is Place.OFFICE:
        values["office"] = office
    found = await session.execute(
        text(
            f"WITH held AS MATERIALIZED (SELECT item_id, taking FROM cod_taking"
            f" WHERE {_MOVES[source]} ORDER BY item_id, taking FOR UPDATE), moved AS ("
            f" UPDATE cod_taking AS t SET place = {int(target)}, {_MARK[target]}"
            " FROM held WHERE (t.item_id, t.taking) = (held.item_id, held.taking)"
            " RETURNING t.amount_rials)"
            " SELECT count(*) AS items, coalesce(sum(amount_rials), 0)::bigint AS rials FROM moved"
        ),
        values,
    )
    row = found.one()
    return Sum(row.items, row.rials)


async def held(session: AsyncSession, at: At) -> Sum:
    """How much is there, as far as it is committed."""
    sums: Any = select(func.count(), func.coalesce(func.sum(CodTaking.amount_rials), 0))
    items, rials = (await session.execute(at.of(sums))).one()
    return Sum(items, int(rials))


async def settle_ordered(session: AsyncSession, order: UUID, *, paid: bool) -> Sum:
    """The takings of an order that stand, paid with it or due again; how much they are."""
    moves = (
        f"place = {int(Place.PAID)}" if paid else f"place = {int(Place.DUE)}, payment_order = NULL"
    )
    found = await session.execute(
        text(
            f"WITH moved AS (UPDATE cod_taking SET {moves}"
            f" WHERE payment_order = :order AND place IN ({int(Place.ORDERED)}, {int(Place.PAID)})"
            " RETURNING amount_rials)"
            " SELECT count(*) AS items, coalesce(sum(amount_rials), 0)::bigint AS rials FROM moved"
        ),
        {"order": order},
    )
    row = found.one()
    return Sum(row.items, row.rials)


async def carried(session: AsyncSession, account: str) -> int:
    found = await session.execute(
        text("SELECT carried_rials FROM cash_holder WHERE account = :account"),
        {"account": account},
    )
    return int(found.scalar() or 0)


async def owed(
    session: AsyncSession, after: tuple[int, str] | None, limit: int
) -> Sequence[Mapping[Any, Any]]:
    """By place and holder: open takings, along their indexes, and what is carried besides."""
    place, holder = after or (None, None)
    rows = await session.execute(_OWED, {"place": place, "holder": holder, "limit": limit})
    return rows.mappings().all()


async def takings(
    session: AsyncSession, at: At, after: tuple[int, int] | None, limit: int
) -> Sequence[CodTaking]:
    """By item id, along the index of what is asked for."""
    key = (CodTaking.item_id, CodTaking.taking)
    query = at.of(select(CodTaking).order_by(*key).limit(limit))
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return (await session.scalars(query)).all()
