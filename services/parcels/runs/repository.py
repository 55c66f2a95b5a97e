"""SQL of runs. Items are locked in the order of their ids, and before any run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.runs.domain import Item, Stop
from services.parcels.runs.errors import RunNotFound
from services.parcels.runs.models import CourierRun, RunStop
from services.parcels.vocabulary import Custodian, Event, Payer, Status

_LOCK_ITEMS: Final = text("""
SELECT item_id, partner, status, custodian, product, cod_rials, ended_at, fold_at
FROM parcel WHERE item_id = ANY(:items) ORDER BY item_id FOR NO KEY UPDATE
""")

_SETTLE: Final = text(f"""
UPDATE run_stop s SET settled_at = :now,
    outcome = CASE WHEN p.status = {int(Status.DELIVERED)} THEN 'delivered' ELSE 'handed_back' END
FROM parcel p, courier_run r
WHERE s.item_id = ANY(:items) AND s.outcome = 'open' AND p.item_id = s.item_id
    AND r.id = s.run AND r.status = 'out' AND p.custodian <> {int(Custodian.COURIER)}
""")

_OTHER_RUNS: Final = text("""
SELECT s.item_id FROM run_stop s JOIN courier_run r ON r.id = s.run
WHERE s.item_id = ANY(:items) AND s.outcome = 'open' AND r.status IN ('planned', 'out')
    AND s.run IS DISTINCT FROM :run
ORDER BY s.item_id
""")

_STOPS: Final = text("""
SELECT s.item_id, s.position, s.outcome, s.settled_at, p.status, p.custodian
FROM run_stop s JOIN parcel p USING (item_id) WHERE s.run = :run ORDER BY s.position
""")

_PUT_STOPS: Final = text("""
INSERT INTO run_stop AS s (item_id, run, position, outcome)
SELECT item_id, :run, position, 'open'
FROM unnest(CAST(:items AS bigint[])) WITH ORDINALITY AS i (item_id, position)
ON CONFLICT (item_id, run) DO UPDATE SET position = excluded.position
""")

_LAST_ACTIONS: Final = text(f"""
SELECT DISTINCT ON (item_id) item_id, action FROM scan_event
WHERE item_id = ANY(:items) AND event = {int(Event.DELIVERY_FAILED)} AND NOT flagged
    AND occurred_at >= :since
ORDER BY item_id, occurred_at DESC, event_id DESC
""")

_COURIERS: Final = text("""
SELECT DISTINCT ON (s.item_id) s.item_id, r.courier
FROM run_stop s JOIN courier_run r ON r.id = s.run
WHERE s.item_id = ANY(:items) AND r.status IN ('out', 'closed') AND s.outcome <> 'handed_back'
ORDER BY s.item_id, r.started_at DESC, r.id DESC
""")


_SHEET: Final = text(f"""
SELECT s.item_id, s.position, s.outcome, s.settled_at, p.status, p.custodian, p.product,
    p.weight_g, p.to_town, p.cod_rials,
    CASE WHEN t.payer = {int(Payer.RECIPIENT)} THEN p.price_rials ELSE 0 END AS postage_rials,
    coalesce(d.addressee_only, false) AS addressee_only,
    coalesce(d.national_card, false) AS national_card,
    party.recipient_name, party.recipient_phone, party.recipient_address,
    party.recipient_postal_code
FROM run_stop s JOIN parcel p USING (item_id) LEFT JOIN parcel_terms t USING (item_id)
    LEFT JOIN delivery_terms d USING (item_id) LEFT JOIN parcel_party party USING (item_id)
WHERE s.run = :run ORDER BY s.position
""")


async def lock_items(session: AsyncSession, items: Sequence[int]) -> dict[int, Item]:
    """Those that exist, locked until the transaction ends."""
    rows = await session.execute(_LOCK_ITEMS, {"items": list(items)})
    return {
        row.item_id: Item(
            row.item_id,
            row.partner,
            Status(row.status),
            Custodian(row.custodian) if row.custodian else None,
            row.product,
            row.cod_rials,
            row.ended_at,
            row.fold_at,
        )
        for row in rows
    }


async def settle(session: AsyncSession, items: Sequence[int], now: datetime) -> None:
    """Note, for stops of runs that are out, what their items' rows tell."""
    await session.execute(_SETTLE, {"items": list(items), "now": now})


async def on_other_runs(session: AsyncSession, items: Sequence[int], run: UUID | None) -> list[int]:
    """Which of these are on an open stop of another run; exact where the items are locked."""
    found = await session.execute(_OTHER_RUNS, {"items": list(items), "run": run})
    return list(found.scalars())


async def couriers_of(session: AsyncSession, items: Sequence[int]) -> dict[int, str]:
    """The courier who went out with each of these last and did not hand it back."""
    rows = await session.execute(_COURIERS, {"items": list(items)})
    return {row.item_id: row.courier for row in rows}


async def last_actions(
    session: AsyncSession, items: Sequence[int], since: datetime
) -> dict[int, str | None]:
    """By item, the action of its last attempt since then; only of those that had one."""
    rows = await session.execute(_LAST_ACTIONS, {"items": list(items), "since": since})
    return {row.item_id: row.action for row in rows}


async def new_id(session: AsyncSession) -> UUID:
    """Grows with time, so that lists are in order."""
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made


async def run(session: AsyncSession, run_id: UUID, *, lock: bool = False) -> CourierRun:
    query = select(CourierRun).where(CourierRun.id == run_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise RunNotFound("there is no run of this id")
    return found


async def out_run(session: AsyncSession, courier_code: str) -> UUID | None:
    """The run with which a courier is out."""
    query = select(CourierRun.id).where(
        CourierRun.courier == courier_code, CourierRun.status == "out"
    )
    return await session.scalar(query)


async def runs(
    session: AsyncSession,
    *,
    office: int | None,
    courier_code: str | None,
    only_open: bool,
    after: UUID | None,
    limit: int,
) -> Sequence[CourierRun]:
    """Newest first; each filter has its index."""
    query = select(CourierRun).order_by(CourierRun.id.desc()).limit(limit)
    if office is not None:
        query = query.where(CourierRun.office == office)
    if courier_code is not None:
        query = query.where(CourierRun.courier == courier_code)
    if only_open:
        query = query.where(CourierRun.status.in_(("planned", "out")))
    if after is not None:
        query = query.where(CourierRun.id < after)
    return (await session.scalars(query)).all()


async def stops(session: AsyncSession, run_id: UUID) -> list[Stop]:
    """In their order."""
    rows = await session.execute(_STOPS, {"run": run_id})
    return [_stop(**row) for row in rows.mappings()]


async def sheet(session: AsyncSession, run_id: UUID) -> list[tuple[Stop, RowMapping]]:
    """The stops in their order, each with what its courier has to know of it."""
    rows = await session.execute(_SHEET, {"run": run_id})
    facts = ("item_id", "position", "outcome", "status", "custodian", "settled_at")
    return [(_stop(**{name: row[name] for name in facts}), row) for row in rows.mappings()]


def _stop(*, outcome: str, status: int, custodian: int | None, **facts: Any) -> Stop:
    holder = Custodian(custodian) if custodian else None
    return Stop(kept=outcome, status=Status(status), custodian=holder, **facts)


async def put_stops(
    session: AsyncSession, run_id: UUID, items: Sequence[int], removed: Sequence[int]
) -> None:
    """These in this order; those removed go."""
    if removed:
        await session.execute(
            delete(RunStop).where(RunStop.run == run_id, RunStop.item_id.in_(removed))
        )
    await session.execute(_PUT_STOPS, {"run": run_id, "items": list(items)})
