"""Use case of destruction: what a sender ordered so and could not be delivered, on record."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.banking import repository as banking
from services.parcels.booking import service as booking
from services.parcels.booking.errors import ParcelNotFound
from services.parcels.caches import Desk
from services.parcels.couriers.service import office_of
from services.parcels.destruction import domain, repository
from services.parcels.destruction.errors import NotDestroyed
from services.parcels.destruction.events import (
    DESTRUCTION_RECORDED,
    DestructionState,
    destruction_event,
)
from services.parcels.destruction.models import Destruction
from services.parcels.destruction.schemas import DestructionIn, DestructionOut
from services.parcels.runs import repository as runs
from services.parcels.runs.service import check_moment
from services.parcels.scanning import service as scanning
from services.parcels.scanning.service import Fact
from services.parcels.tracking.service import resolve
from services.parcels.vocabulary import Event
from shared import outbox
from shared.database import driver
from shared.errors import Invalid
from shared.identifiers import barcode_of


async def destroy(
    session: AsyncSession, desk: Desk, barcode: str, wanted: DestructionIn
) -> DestructionOut:
    if len(set(wanted.witnesses)) < len(wanted.witnesses):
        raise Invalid.field("body.witnesses", "name each witness once")
    office = await office_of(desk, wanted.office)
    check_moment(desk, wanted.occurred_at)
    item_id = await resolve(desk.database, barcode)
    item = (await runs.lock_items(session, [item_id])).get(item_id) if item_id else None
    if item is None:
        raise ParcelNotFound
    at = item.time(wanted.occurred_at, desk.now)
    if (known := await repository.get(session, item.item_id, wanted.event_id)) is not None:
        return _out(desk, known)
    asked = (await banking.asked(session, [item.item_id])).get(item.item_id)
    domain.check(
        item.status,
        item.custodian,
        asked.undelivered if asked else None,
        in_vain=await repository.is_in_vain(session, item.item_id, at),
    )
    made = Destruction(
        item_id=item.item_id,
        event_id=wanted.event_id,
        partner=item.partner,
        office=office,
        record=wanted.record,
        witnesses=wanted.witnesses,
        destroyed_at=at,
        recorded_at=desk.now,
        recorded_by=desk.caller.id,
    )
    session.add(made)
    await session.flush()
    fact = Fact(item.item_id, wanted.event_id, Event.DESTROYED, office, at)
    await scanning.record_within(await driver(session), desk, [fact])
    out = _out(desk, made)
    state = DestructionState.model_validate({**out.model_dump(), "partner": item.partner})
    await outbox.append(
        session,
        DESTRUCTION_RECORDED,
        destruction_event(state),
        time=desk.now,
        subject=out.barcode,
    )
    return out


async def of_own(session: AsyncSession, desk: Desk, barcode: str) -> DestructionOut:
    await desk.caches.directory.fresh()
    parcel = await booking.get(session, desk.caller, barcode)
    found = await repository.last(session, parcel.item_id)
    if found is None:
        raise NotDestroyed("no destruction of this parcel is on record")
    return _out(desk, found)


def _out(desk: Desk, made: Destruction) -> DestructionOut:
    office = desk.caches.directory.by_id.get(made.office)
    fields: dict[str, Any] = {
        "barcode": barcode_of(made.item_id),
        "event_id": made.event_id,
        "record": made.record,
        "witnesses": made.witnesses,
        "office": office.code if office else None,
        "destroyed_at": made.destroyed_at,
    }
    return DestructionOut.model_validate(fields)
