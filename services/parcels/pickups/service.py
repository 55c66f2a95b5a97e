"""Use cases of pickups: a shop asks, an office sends a courier, who collects or misses."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.caches import Desk
from services.parcels.couriers import repository as couriers
from services.parcels.couriers.errors import CourierNotActive
from services.parcels.couriers.service import check_own, office_of
from services.parcels.manifests import repository as manifests
from services.parcels.manifests.domain import code_of, manifest_of
from services.parcels.pickups import domain, repository
from services.parcels.pickups.errors import NobodyAssigned, PickupNotFound, PickupOver
from services.parcels.pickups.events import (
    PICKUP_ASSIGNED,
    PICKUP_CANCELLED,
    PICKUP_COLLECTED,
    PICKUP_MISSED,
    PICKUP_REQUESTED,
    pickup_event,
)
from services.parcels.pickups.models import Pickup, PickupPlace
from services.parcels.pickups.repository import Wanted
from services.parcels.pickups.schemas import Collection, NewPickup, PickupOut
from services.parcels.runs.service import check_moment
from shared import idempotency, outbox
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut

_OPEN = frozenset({"requested", "assigned"})


async def request(
    session: AsyncSession, desk: Desk, wanted: NewPickup, once: Once | None
) -> Answer:
    partner = desk.caller.account
    office = (await desk.caches.directory.fresh()).named(wanted.office)
    fault = domain.window_fault(wanted.window_from, wanted.window_until, desk.now)
    if fault is not None:
        raise Invalid.field("body.window_from", fault)

    async def make() -> tuple[str, PickupOut]:
        pickup = Pickup(
            id=await repository.new_id(session),
            partner=partner,
            office=office.id,
            manifest=await _manifest(session, partner, wanted.manifest),
            pieces=wanted.pieces,
            weight_g=wanted.weight_g,
            window_from=wanted.window_from,
            window_until=wanted.window_until,
            status="requested",
            requested_at=desk.now,
            version=0,
        )
        place = PickupPlace(pickup=pickup.id, **wanted.place.model_dump())
        session.add_all([pickup, place])
        return f"/v1/pickups/{pickup.id}", await _saved(session, desk, pickup, PICKUP_REQUESTED)

    return await idempotency.created(session, once, make)


async def _manifest(session: AsyncSession, partner: UUID, code: str | None) -> int | None:
    if code is None:
        return None
    number = manifest_of(code)
    manifest = None if number is None else await manifests.get(session, number)
    if manifest is None or manifest.partner != partner or manifest.status != "closed":
        raise Invalid.field("body.manifest", "you have no manifest of this number that waits")
    return manifest.id


async def assign(session: AsyncSession, desk: Desk, pickup_id: UUID, code: str) -> PickupOut:
    """To a courier, or to another one than before."""
    pickup = await _of_office(session, desk, pickup_id)
    _still_open(pickup)
    courier = await couriers.get(session, code)
    if not courier.active:
        raise CourierNotActive(f"courier {code} is not active: choose another")
    check_own(desk, courier.office)
    pickup.status, pickup.courier = "assigned", code
    return await _saved(session, desk, pickup, PICKUP_ASSIGNED)


async def collect(
    session: AsyncSession, desk: Desk, pickup_id: UUID, taken: Collection
) -> PickupOut:
    """The courier has them; an office accepts them with their manifest or one by one."""
    check_moment(desk, taken.occurred_at)
    at = min(taken.occurred_at or desk.now, desk.now)
    pickup = await _of_office(session, desk, pickup_id)
    if pickup.status == "collected" and pickup.collected_pieces == taken.pieces:
        return await _out(session, desk, pickup)
    _still_open(pickup)
    if pickup.courier is None:
        raise NobodyAssigned("assign a courier first")
    pickup.status, pickup.collected_pieces, pickup.collected_at = "collected", taken.pieces, at
    return await _saved(session, desk, pickup, PICKUP_COLLECTED)


async def miss(session: AsyncSession, desk: Desk, pickup_id: UUID, reason: str) -> PickupOut:
    """Nobody could collect; the shop asks anew. A second call finds it missed."""
    pickup = await _of_office(session, desk, pickup_id)
    if pickup.status == "missed":
        return await _out(session, desk, pickup)
    _still_open(pickup)
    pickup.status, pickup.reason = "missed", reason
    return await _saved(session, desk, pickup, PICKUP_MISSED)


async def cancel(session: AsyncSession, desk: Desk, pickup_id: UUID) -> PickupOut:
    """The shop needs nobody any more; a second call finds it cancelled."""
    pickup = await repository.get(session, pickup_id, lock=True)
    if pickup is None or pickup.partner != desk.caller.account:
        raise PickupNotFound
    await desk.caches.directory.fresh()
    if pickup.status == "cancelled":
        return await _out(session, desk, pickup)
    _still_open(pickup)
    pickup.status = "cancelled"
    return await _saved(session, desk, pickup, PICKUP_CANCELLED)


async def _of_office(session: AsyncSession, desk: Desk, pickup_id: UUID) -> Pickup:
    pickup = await repository.get(session, pickup_id, lock=True)
    if pickup is None:
        raise PickupNotFound
    await desk.caches.directory.fresh()
    check_own(desk, pickup.office)
    return pickup


def _still_open(pickup: Pickup) -> None:
    if pickup.status not in _OPEN:
        raise PickupOver(f"it is {pickup.status}")


async def get(session: AsyncSession, desk: Desk, pickup_id: UUID) -> PickupOut:
    pickup = await repository.get(session, pickup_id)
    if pickup is None or pickup.partner != desk.caller.account:
        raise PickupNotFound
    await desk.caches.directory.fresh()
    return await _out(session, desk, pickup)


async def own(
    session: AsyncSession, desk: Desk, status: str | None, page: Page
) -> tuple[list[PickupOut], str | None]:
    return await _listing(session, desk, Wanted(desk.caller.account, None, status), page)


async def of_office(
    session: AsyncSession, desk: Desk, office: str, status: str | None, page: Page
) -> tuple[list[PickupOut], str | None]:
    wanted = Wanted(None, await office_of(desk, office, "query.office"), status)
    return await _listing(session, desk, wanted, page)


async def _listing(
    session: AsyncSession, desk: Desk, wanted: Wanted, page: Page
) -> tuple[list[PickupOut], str | None]:
    await desk.caches.directory.fresh()
    rows = await repository.listing(session, wanted, page)
    shown, cursor = cut(rows, page, lambda pickup: [str(pickup.id)])
    places = await repository.places(session, [pickup.id for pickup in shown])
    return [_body(desk, pickup, places.get(pickup.id)) for pickup in shown], cursor


async def _saved(session: AsyncSession, desk: Desk, pickup: Pickup, event_type: str) -> PickupOut:
    pickup.version += 1
    pickup.updated_at = desk.now
    await session.flush()
    out = await _out(session, desk, pickup)
    event = pickup_event(out.model_dump() | {"partner": pickup.partner})
    await outbox.append(session, event_type, event, time=desk.now, subject=str(pickup.id))
    return out


async def _out(session: AsyncSession, desk: Desk, pickup: Pickup) -> PickupOut:
    return _body(desk, pickup, (await repository.places(session, [pickup.id])).get(pickup.id))


def _body(desk: Desk, pickup: Pickup, place: PickupPlace | None) -> PickupOut:
    office = desk.caches.directory.by_id.get(pickup.office)
    names = ("name", "phone", "address", "postal_code")
    at: dict[str, datetime | None] = {
        "window_from": pickup.window_from,
        "window_until": pickup.window_until,
        "requested_at": pickup.requested_at,
        "collected_at": pickup.collected_at,
    }
    fields: dict[str, Any] = {
        "id": pickup.id,
        "office": office.code if office else None,
        "place": None if place is None else {name: getattr(place, name) for name in names},
        "pieces": pickup.pieces,
        "collected_pieces": pickup.collected_pieces,
        "weight_g": pickup.weight_g,
        "manifest": None if pickup.manifest is None else code_of(pickup.manifest),
        "status": pickup.status,
        "courier": pickup.courier,
        "reason": pickup.reason,
        "version": pickup.version,
    }
    return PickupOut.model_validate(fields | at)
