"""Use cases of vehicles: the register, who drives what, and their work in a period."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.transport.domain import OFFSET_DAYS_MAX
from services.parcels.trips import repository
from services.parcels.trips.errors import VehicleCodeInUse, VehicleNotFound, VehicleUnfit
from services.parcels.trips.models import Trip, Vehicle
from services.parcels.trips.schemas import FleetRow, NewVehicle, VehicleIn, VehicleOut
from shared import idempotency, outbox
from shared.calendar import Period
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut

VEHICLE_CREATED: Final = "vehicle.created"
VEHICLE_CHANGED: Final = "vehicle.changed"
_AROUND: Final = timedelta(days=OFFSET_DAYS_MAX + 1)


async def create(
    session: AsyncSession, wanted: NewVehicle, *, once: Once | None, now: datetime
) -> Answer:
    async def make() -> tuple[str, VehicleOut]:
        await repository.lock_plan(session)
        if await repository.vehicle(session, wanted.code) is not None:
            raise VehicleCodeInUse(f"there is a vehicle {wanted.code}: choose another code")
        vehicle = Vehicle(**wanted.model_dump(), version=1, updated_at=now)
        session.add(vehicle)
        return f"/v1/vehicles/{wanted.code}", await _told(session, vehicle, VEHICLE_CREATED, now)

    return await idempotency.created(session, once, make)


async def change(
    session: AsyncSession, code: str, wanted: VehicleIn, *, now: datetime
) -> VehicleOut:
    """The whole of it anew; trips that it has keep the capacity that they were given."""
    vehicle = _found(await repository.vehicle(session, code, lock=True), code)
    if all(getattr(vehicle, field) == value for field, value in wanted.model_dump().items()):
        return VehicleOut.model_validate(vehicle)
    for field, value in wanted.model_dump().items():
        setattr(vehicle, field, value)
    vehicle.version += 1
    vehicle.updated_at = now
    return await _told(session, vehicle, VEHICLE_CHANGED, now)


async def _told(session: AsyncSession, vehicle: Vehicle, event: str, now: datetime) -> VehicleOut:
    await session.flush()
    told = VehicleOut.model_validate(vehicle)
    data = {"vehicle": told.model_dump(mode="json")}
    await outbox.append(session, event, data, time=now, subject=told.code)
    return told


def _found(vehicle: Vehicle | None, code: str) -> Vehicle:
    if vehicle is None:
        raise VehicleNotFound(f"there is no vehicle {code}")
    return vehicle


async def get(session: AsyncSession, code: str) -> VehicleOut:
    return VehicleOut.model_validate(_found(await repository.vehicle(session, code), code))


async def listing(session: AsyncSession, page: Page) -> tuple[list[VehicleOut], str | None]:
    rows = await repository.vehicles(session, page.after_text(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda vehicle: [vehicle.code])
    return [VehicleOut.model_validate(vehicle) for vehicle in shown], cursor


async def assign(session: AsyncSession, trip: Trip, code: str | None) -> None:
    """Give a trip its vehicle, with the capacity it has; its row is locked, so one trip a time."""
    if code is not None:
        vehicle = await repository.vehicle(session, code, lock=True)
        if vehicle is None:
            raise Invalid.field("body.vehicle", f"there is no vehicle {code}")
        await _check(session, trip, vehicle)
        trip.capacity_items, trip.capacity_kg = vehicle.capacity_items, vehicle.capacity_kg
    trip.vehicle = code


async def _check(session: AsyncSession, trip: Trip, vehicle: Vehicle) -> None:
    if not vehicle.active:
        raise VehicleUnfit(f"vehicle {vehicle.code} is retired: choose another")
    if vehicle.mode != trip.mode:
        raise VehicleUnfit(
            f"vehicle {vehicle.code} goes by {vehicle.mode}, the trip by {trip.mode}"
        )
    begins, ends = _span(trip)
    first, last = trip.day - _AROUND, trip.day + _AROUND
    for other in await repository.of_vehicle(session, vehicle.code, first, last):
        from_, until = _span(other)
        if other.id != trip.id and from_ < ends and begins < until:
            raise VehicleUnfit(
                f"vehicle {vehicle.code} drives {other.line} of {other.day} at that time"
            )


def _span(trip: Trip) -> tuple[datetime, datetime]:
    """From the first departure to the last arrival, as planned."""
    begins, ends = trip.calls[0].departs_at, trip.calls[-1].arrives_at
    assert begins is not None  # noqa: S101 - every run has both (transport.domain.calls_fault)
    assert ends is not None  # noqa: S101 - the same
    return begins, ends


async def fleet(
    session: AsyncSession, period: Period, page: Page
) -> tuple[list[FleetRow], str | None]:
    rows = await repository.fleet(session, period, page.after_text(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.vehicle])
    return [FleetRow.model_validate(row) for row in shown], cursor
