"""Use cases of runs: plan, order, go out, hand back, close. Scans go along in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.caches import Desk
from services.parcels.couriers import repository as couriers
from services.parcels.couriers.errors import CourierNotActive
from services.parcels.couriers.service import check_own, office_of
from services.parcels.runs import domain, repository
from services.parcels.runs.domain import Item, Stop
from services.parcels.runs.errors import (
    CourierIsOut,
    NotDeliverable,
    RunChanged,
    RunIsOver,
    RunNotOut,
    RunNotPlanned,
    ScannedSince,
    StopsFixed,
    StopsOpen,
    StopTaken,
)
from services.parcels.runs.events import (
    RUN_CANCELLED,
    RUN_CHANGED,
    RUN_CLOSED,
    RUN_PLANNED,
    RUN_STARTED,
    RunState,
    run_event,
)
from services.parcels.runs.models import CourierRun
from services.parcels.runs.schemas import (
    HandBack,
    NewRun,
    RunOut,
    RunSummary,
    SheetOut,
    StopOut,
)
from services.parcels.scanning import service as scanning
from services.parcels.scanning.domain import CLOCK_AHEAD, OFFLINE_WINDOW
from services.parcels.scanning.service import Fact
from services.parcels.tracking.service import resolve
from services.parcels.vocabulary import PRODUCT_WIRE, Custodian, Event
from shared import idempotency, outbox
from shared.calendar import tehran_date
from shared.database import driver
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.identifiers import barcode_of
from shared.pagination import Page, cut

NAMED_MAX: Final = 10
"""How many parcels a refusal names."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs are asked for."""

    office: str | None
    courier: str | None
    only_open: bool


def check_moment(desk: Desk, occurred_at: datetime | None) -> None:
    """A command's fact is not in the future, nor older than a device may have been offline."""
    if occurred_at is None:
        return
    if occurred_at > desk.now + CLOCK_AHEAD:
        raise Invalid.field("body.occurred_at", "this is in the future: say when it was")
    if occurred_at < desk.now - OFFLINE_WINDOW and "backfill" not in desk.caller.scopes:
        raise Invalid.field(
            "body.occurred_at", "this is more than 72 h ago: that needs the scope backfill"
        )


async def items_of(desk: Desk, barcodes: Sequence[str]) -> list[int]:
    """The items of a list of barcodes, each once; Invalid names the places that are not."""
    found = [await resolve(desk.database, barcode) for barcode in barcodes]
    unknown = [n for n, item in enumerate(found) if item is None]
    refuse_places(unknown, "no item has this barcode")
    items = [item for item in found if item is not None]
    refuse_places(domain.doubled(items), "this parcel stands in the list already")
    return items


def refuse_places(places: Sequence[int], message: str) -> None:
    if not places:
        return
    errors = [
        {"field": f"body.stops.{n}", "message": message, "code": "invalid"} for n in places[:100]
    ]
    raise Invalid(f"{errors[0]['field']}: {message}", errors=errors)


def named(items: Sequence[int]) -> str:
    shown = ", ".join(barcode_of(item) for item in items[:NAMED_MAX])
    return shown if len(items) <= NAMED_MAX else f"{shown} and {len(items) - NAMED_MAX} more"


async def plan(session: AsyncSession, desk: Desk, wanted: NewRun, once: Once | None) -> Answer:
    """A run that does not go out yet."""
    items = await items_of(desk, wanted.stops)
    await desk.caches.directory.fresh()

    async def make() -> tuple[str, RunOut]:
        courier = await couriers.get(session, wanted.courier)
        await _check_stops(session, desk, items, items, None)
        if not courier.active:
            raise CourierNotActive(f"courier {courier.code} is not active: choose another")
        check_own(desk, courier.office)
        run = CourierRun(
            id=await repository.new_id(session),
            courier=courier.code,
            office=courier.office,
            day=wanted.day or tehran_date(desk.now),
            status="planned",
            version=0,
            planned_at=desk.now,
            started_at=None,
            closed_at=None,
        )
        session.add(run)
        run.updated_at = desk.now
        await session.flush()
        await repository.put_stops(session, run.id, items, ())
        return f"/v1/runs/{run.id}", await _saved(session, desk, run, RUN_PLANNED)

    return await idempotency.created(session, once, make)


async def _check_stops(
    session: AsyncSession,
    desk: Desk,
    items: Sequence[int],
    fresh: Sequence[int],
    run: UUID | None,
) -> dict[int, Item]:
    """Lock the items; those that are new to the run must exist, be deliverable and free."""
    found = await repository.lock_items(session, items)
    refuse_places(
        [n for n, item in enumerate(items) if item not in found], "no item has this barcode"
    )
    _refuse_undeliverable([found[item] for item in fresh])
    await repository.settle(session, fresh, desk.now)
    if taken := await repository.on_other_runs(session, fresh, run):
        raise StopTaken(f"on another run: {named(taken)}; hand back or take off there first")
    return found


def _refuse_undeliverable(items: Sequence[Item]) -> None:
    bad = [item for item in items if item.status not in domain.DELIVERABLE]
    if bad:
        raise NotDeliverable(
            f"{bad[0].status.wire}, so not to be delivered: {named([i.item_id for i in bad])}"
        )


async def _held(
    session: AsyncSession, desk: Desk, run_id: UUID, more: Sequence[int] = ()
) -> tuple[CourierRun, list[Stop], dict[int, Item]]:
    """A run with its stops, its items locked before it (and `more`); RunChanged if it changed."""
    await desk.caches.directory.fresh()
    await repository.run(session, run_id)
    before = {stop.item_id for stop in await repository.stops(session, run_id)}
    found = await repository.lock_items(session, sorted(before | set(more)))
    run = await repository.run(session, run_id, lock=True)
    check_own(desk, run.office)
    stops = await repository.stops(session, run_id)
    if {stop.item_id for stop in stops} != before:
        raise RunChanged("its stops were changed meanwhile: look at it again")
    return run, stops, found


async def order(session: AsyncSession, desk: Desk, run_id: UUID, barcodes: Sequence[str]) -> RunOut:
    """The stops in this order; while the run is planned, others than before."""
    items = await items_of(desk, barcodes)
    run, stops, _ = await _held(session, desk, run_id, items)
    before = [stop.item_id for stop in stops]
    removed = sorted(set(before) - set(items))
    fresh = sorted(set(items) - set(before))
    match run.status:
        case "planned":
            await _check_stops(session, desk, items, fresh, run.id)
        case "out":
            if removed or fresh:
                raise StopsFixed("it is out: send the same parcels in another order")
        case _:
            raise RunIsOver(f"it is {run.status}")
    if items == before:
        return _out(desk, run, stops)
    await repository.put_stops(session, run.id, items, removed)
    return await _saved(session, desk, run, RUN_CHANGED)


async def start(
    session: AsyncSession, desk: Desk, run_id: UUID, occurred_at: datetime | None
) -> RunOut:
    """Out for delivery with all its parcels, as one batch of scans."""
    check_moment(desk, occurred_at)
    run, stops, found = await _held(session, desk, run_id)
    if run.status != "planned":
        raise RunNotPlanned(f"it is {run.status}")
    _refuse_undeliverable([found[stop.item_id] for stop in stops])
    courier = await couriers.get(session, run.courier, lock=True)
    if not courier.active:
        raise CourierNotActive(f"courier {courier.code} is not active: plan with another")
    if (other := await repository.out_run(session, run.courier)) is not None:
        raise CourierIsOut(f"courier {run.courier} is out with run {other}: close that first")
    run.status, run.started_at = "out", occurred_at or desk.now
    out = [(found[stop.item_id], Event.OUT_FOR_DELIVERY) for stop in stops]
    await _scan(session, desk, run, out, occurred_at)
    return await _saved(session, desk, run, RUN_STARTED)


async def _scan(
    session: AsyncSession,
    desk: Desk,
    run: CourierRun,
    events: Sequence[tuple[Item, Event]],
    said: datetime | None,
) -> None:
    """Custody passes now: a time before a parcel's last scan would leave it where it is."""
    late = [i.item_id for i, _ in events if said and i.fold_at and i.fold_at >= said]
    if late:
        raise ScannedSince(f"scanned since then: {named(late)}; leave occurred_at out")
    facts = [
        Fact(
            item.item_id,
            domain.event_of(run.id, event, item.item_id),
            event,
            run.office,
            item.time(said, desk.now),
        )
        for item, event in events
    ]
    await session.flush()
    await scanning.record_within(await driver(session), desk, facts)


async def hand_back(
    session: AsyncSession,
    desk: Desk,
    run_id: UUID,
    wanted: HandBack,
) -> RunOut:
    """The office takes parcels back from the courier; the attempt's action says what follows."""
    items = await items_of(desk, wanted.stops)
    check_moment(desk, wanted.occurred_at)
    run, stops, found = await _held(session, desk, run_id, items)
    if run.status != "out" or run.started_at is None:
        raise RunNotOut(f"it is {run.status}")
    on_run = {stop.item_id for stop in stops}
    refuse_places([n for n, item in enumerate(items) if item not in on_run], "not on this run")
    carried = [item for item in items if found[item].custodian is Custodian.COURIER]
    if not carried:
        return _out(desk, run, stops)
    actions = await repository.last_actions(session, carried, run.started_at)
    back = [(found[item], domain.hand_back_event(actions.get(item))) for item in carried]
    await _scan(session, desk, run, back, wanted.occurred_at)
    await repository.settle(session, items, desk.now)
    return await _saved(session, desk, run, RUN_CHANGED)


async def close(session: AsyncSession, desk: Desk, run_id: UUID) -> RunOut:
    """Over, once every stop is accounted for; a second call finds it closed."""
    run, stops, _ = await _held(session, desk, run_id)
    if run.status == "closed":
        return _out(desk, run, stops)
    if run.status != "out":
        raise RunNotOut(f"it is {run.status}")
    if left := domain.unaccounted(stops):
        raise StopsOpen(f"still with the courier: {named(left)}; deliver or hand back")
    await repository.settle(session, [stop.item_id for stop in stops], desk.now)
    run.status, run.closed_at = "closed", desk.now
    return await _saved(session, desk, run, RUN_CLOSED)


async def cancel(session: AsyncSession, desk: Desk, run_id: UUID) -> RunOut:
    """Called off before it went out; a second call finds it cancelled."""
    run, stops, _ = await _held(session, desk, run_id)
    if run.status == "cancelled":
        return _out(desk, run, stops)
    if run.status != "planned":
        raise RunNotPlanned(f"it is {run.status}: hand back and close it instead")
    run.status, run.closed_at = "cancelled", desk.now
    return await _saved(session, desk, run, RUN_CANCELLED)


async def _saved(session: AsyncSession, desk: Desk, run: CourierRun, event_type: str) -> RunOut:
    run.version += 1
    run.updated_at = desk.now
    await session.flush()
    out = _out(desk, run, await repository.stops(session, run.id))
    state = RunState.model_validate(out.model_dump())
    await outbox.append(session, event_type, run_event(state), time=desk.now, subject=str(run.id))
    return out


async def get(session: AsyncSession, desk: Desk, run_id: UUID) -> RunOut:
    await desk.caches.directory.fresh()
    run = await repository.run(session, run_id)
    check_own(desk, run.office)
    return _out(desk, run, await repository.stops(session, run_id))


async def sheet(session: AsyncSession, desk: Desk, run_id: UUID) -> SheetOut:
    """The run as its courier needs it at the doors."""
    await desk.caches.directory.fresh()
    run = await repository.run(session, run_id)
    check_own(desk, run.office)
    out = run.status == "out"
    rows = await repository.sheet(session, run.id)
    stops = [_sheet_stop(desk, stop, row, out=out) for stop, row in rows]
    return SheetOut.model_validate({**_summary(desk, run), "stops": stops})


def _sheet_stop(desk: Desk, stop: Stop, row: RowMapping, *, out: bool) -> dict[str, Any]:
    shown = _stop_out(stop, out=out)
    told = desk.caller.kind == "staff" and shown.outcome in {"open", "failed"}
    known = told and row["recipient_name"] is not None
    parts = ("name", "phone", "address", "postal_code")
    plain = ("weight_g", "cod_rials", "postage_rials", "addressee_only", "national_card")
    return {
        **shown.model_dump(),
        **{name: row[name] for name in plain},
        "product": PRODUCT_WIRE[row["product"]],
        "town": row["to_town"],
        "recipient": {part: row[f"recipient_{part}"] for part in parts} if known else None,
    }


async def listing(
    session: AsyncSession, desk: Desk, wanted: Wanted, page: Page
) -> tuple[list[RunSummary], str | None]:
    """Newest first; of the caller's own office where the token names one."""
    after = page.after_uuid()
    asked = wanted.office or desk.caller.office
    office = None if asked is None else await office_of(desk, asked, "query.office")
    rows = await repository.runs(
        session,
        office=office,
        courier_code=wanted.courier,
        only_open=wanted.only_open,
        after=after,
        limit=page.limit + 1,
    )
    await desk.caches.directory.fresh()
    shown, cursor = cut(rows, page, lambda run: [str(run.id)])
    return [RunSummary.model_validate(_summary(desk, run)) for run in shown], cursor


def _summary(desk: Desk, run: CourierRun) -> dict[str, Any]:
    office = desk.caches.directory.by_id.get(run.office)
    return {
        "id": run.id,
        "courier": run.courier,
        "office": office.code if office else None,
        "day": run.day,
        "status": run.status,
        "planned_at": run.planned_at,
        "started_at": run.started_at,
        "closed_at": run.closed_at,
        "version": run.version,
    }


def _out(desk: Desk, run: CourierRun, stops: Sequence[Stop]) -> RunOut:
    out = run.status == "out"
    shown = [_stop_out(stop, out=out) for stop in stops]
    return RunOut.model_validate({**_summary(desk, run), "stops": shown})


def _stop_out(stop: Stop, *, out: bool) -> StopOut:
    return StopOut(
        barcode=barcode_of(stop.item_id),
        position=stop.position,
        status=stop.status.wire,
        outcome=stop.outcome(out=out),
        settled_at=stop.settled_at,
    )
