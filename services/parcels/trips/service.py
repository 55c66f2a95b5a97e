"""Use cases of trips: planned, given a vehicle, seen to depart and arrive, cancelled."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.transport import domain as timetables
from services.parcels.transport import repository as lines
from services.parcels.transport.domain import OFFSET_DAYS_MAX, Line, Mode, Stop
from services.parcels.transport.schemas import LineCode
from services.parcels.trips import domain, repository, vehicles
from services.parcels.trips.domain import Kind, Status
from services.parcels.trips.errors import LineDoesNotRun, TripExists, TripNotFound, TripUnderWay
from services.parcels.trips.models import Trip, TripCall
from services.parcels.trips.schemas import (
    ArrivalIn,
    Assignment,
    Cancellation,
    DepartureIn,
    NewTrip,
    TripCallOut,
    TripOut,
)
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import day_start, tehran_date
from shared.errors import Invalid
from shared.fields import Day
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut, not_a_cursor

TRIP_PLANNED: Final = "trip.planned"
TRIP_CHANGED: Final = "trip.changed"
TRIP_DEPARTED: Final = "trip.departed"
TRIP_ARRIVED: Final = "trip.arrived"
TRIP_CANCELLED: Final = "trip.cancelled"
TRIP_LATE: Final = "trip.late"
AHEAD_MAX: Final = timedelta(minutes=5)
"""So far a desk's clock may run ahead."""
DAYS_MAX: Final = 366
_CURSOR: Final = TypeAdapter[tuple[date, str]](tuple[Day, LineCode])


async def plan(
    session: AsyncSession, wanted: NewTrip, *, once: Once | None, now: datetime
) -> Answer:
    async def make() -> tuple[str, TripOut]:
        await repository.lock_plan(session)
        runs = await lines.lines(session, wanted.day, wanted.day, wanted.line)
        line = next((line for line in runs if line.runs_on(wanted.day)), None)
        if line is None:
            raise LineDoesNotRun(f"line {wanted.line} does not run on {wanted.day}: see its days")
        if await repository.trip(session, wanted.line, wanted.day) is not None:
            raise TripExists(f"there is a trip {code_of(wanted.line, wanted.day)}")
        trip = new(line, wanted.day, now)
        session.add(trip)
        await session.flush()
        await vehicles.assign(session, trip, wanted.vehicle)
        await session.flush()
        told = out(trip)
        await tell(session, TRIP_PLANNED, [told], now)
        return f"/v1/trips/{told.trip}", told

    return await idempotency.created(session, once, make)


def code_of(line: str, day: date) -> str:
    return f"{line}.{day.isoformat()}"


def new(line: Line, day: date, now: datetime) -> Trip:
    stops = timetables.stops(line, day)
    trip = Trip(
        line=line.code,
        day=day,
        status="planned",
        vehicle=None,
        mode=line.mode,
        capacity_items=line.capacity_items,
        capacity_kg=line.capacity_kg,
        distance_km=line.distance_km,
        driven_km=None,
        reason=None,
        told_late=False,
        version=0,
    )
    replan(trip, stops, now)
    return trip


def replan(trip: Trip, stops: Sequence[Stop], now: datetime) -> None:
    """Give a trip that has not begun the calls of its line."""
    trip.calls = [
        TripCall(n=n, office=office, arrives_at=arrives_at, departs_at=departs_at)
        for n, (office, arrives_at, departs_at) in enumerate(stops)
    ]
    reckon(trip, now)


def reckon(trip: Trip, now: datetime, *, cancelled: bool | None = None) -> None:
    """State, delay and what is due next, by what is recorded of it now."""
    if cancelled is None:
        cancelled = trip.status == "cancelled"
    trip.status = domain.status(trip.calls, cancelled=cancelled)
    trip.delay_min = domain.delay_min(trip.calls)
    due_at = None if trip.status == "cancelled" else domain.due_at(trip.calls)
    if due_at != trip.due_at:
        trip.due_at, trip.told_late = due_at, False
    trip.version += 1
    trip.updated_at = now


async def _locked(session: AsyncSession, code: str) -> Trip:
    return _found(await repository.trip(session, *_parts(code), lock=True), code)


def _parts(code: str) -> tuple[str, date]:
    line, _, day = code.rpartition(".")
    try:
        return line, date.fromisoformat(day)
    except ValueError:
        raise TripNotFound(f"there is no trip {code}") from None


def _found(trip: Trip | None, code: str) -> Trip:
    if trip is None:
        raise TripNotFound(f"there is no trip {code}")
    return trip


async def get(session: AsyncSession, code: str) -> TripOut:
    return out(_found(await repository.trip(session, *_parts(code)), code))


async def listing(
    session: AsyncSession,
    days: tuple[date | None, date | None],
    wanted: dict[str, str | None],
    page: Page,
    now: datetime,
) -> tuple[list[TripOut], str | None]:
    """Of these days, both included; by themselves from today on."""
    first = days[0] or tehran_date(now)
    last = days[1] or first + timedelta(days=DAYS_MAX - 1)
    if not 0 <= (last - first).days < DAYS_MAX:
        raise Invalid.field("query.until_day", f"from {first} on, {DAYS_MAX} days at most")
    after = (_after(page), page.limit + 1)
    rows = await repository.listing(session, first, last, wanted, after)
    shown, cursor = cut(rows, page, lambda trip: [trip.day.isoformat(), trip.line])
    return [out(trip) for trip in shown], cursor


def _after(page: Page) -> tuple[date, str] | None:
    try:
        return None if page.after is None else _CURSOR.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None


async def assign(session: AsyncSession, code: str, wanted: Assignment, *, now: datetime) -> TripOut:
    """Another vehicle, or none; of a trip that is not over."""
    trip = await _locked(session, code)
    if trip.status in {"arrived", "cancelled"}:
        raise TripUnderWay(f"trip {code} is {trip.status}: it needs no vehicle")
    if trip.vehicle == wanted.vehicle:
        return out(trip)
    if wanted.vehicle is None:
        for line in await lines.lines(session, trip.day, trip.day, trip.line):
            trip.capacity_items, trip.capacity_kg = line.capacity_items, line.capacity_kg
    await vehicles.assign(session, trip, wanted.vehicle)
    return await _changed(session, trip, TRIP_CHANGED, now)


async def depart(
    session: AsyncSession,
    code: str,
    call: int,
    wanted: DepartureIn,
    *,
    caller: Caller,
    now: datetime,
) -> TripOut:
    """A vehicle was seen to leave a call; said again without a time, the first one stays."""
    trip = await _locked(session, code)
    stop = _call(trip, call, "departure")
    at = wanted.at or stop.departed_at or now
    told = (at, _or(wanted.items, stop.items), _or(wanted.weight_kg, stop.weight_kg))
    if told == (stop.departed_at, stop.items, stop.weight_kg):
        return out(trip)
    _check_time(trip, call, "departure", at, caller, now)
    stop.departed_at, stop.items, stop.weight_kg = told
    return await _changed(session, trip, TRIP_DEPARTED, now)


async def arrive(
    session: AsyncSession,
    code: str,
    call: int,
    wanted: ArrivalIn,
    *,
    caller: Caller,
    now: datetime,
) -> TripOut:
    trip = await _locked(session, code)
    stop = _call(trip, call, "arrival")
    at = wanted.at or stop.arrived_at or now
    driven_km = _or(wanted.driven_km, trip.driven_km)
    if (at, driven_km) == (stop.arrived_at, trip.driven_km):
        return out(trip)
    if wanted.driven_km is not None and call != len(trip.calls):
        raise Invalid.field("body.driven_km", "is told at the last call")
    _check_time(trip, call, "arrival", at, caller, now)
    stop.arrived_at, trip.driven_km = at, driven_km
    return await _changed(session, trip, TRIP_ARRIVED, now)


def _or(told: int | None, known: int | None) -> int | None:
    return known if told is None else told


def _call(trip: Trip, call: int, kind: Kind) -> TripCall:
    known = {(moment.n + 1, moment.kind) for moment in domain.moments(trip.calls)}
    if (call, kind) not in known:
        code = code_of(trip.line, trip.day)
        raise TripNotFound(f"trip {code} has no {kind} at a call {call}")
    return trip.calls[call - 1]


def _check_time(
    trip: Trip, call: int, kind: Kind, at: datetime, caller: Caller, now: datetime
) -> None:
    if at > now + AHEAD_MAX:
        raise Invalid.field("body.at", "is yet to come: record it when it has happened")
    backfills = "backfill" in caller.scopes
    far = timedelta(days=OFFSET_DAYS_MAX + 1)
    if not backfills and abs(at - day_start(trip.day)) > far + timedelta(days=1):
        raise Invalid.field("body.at", f"is more than a week from the trip's day {trip.day}")
    if (fault := domain.time_fault(trip.calls, call - 1, kind, at)) is not None:
        raise Invalid.field("body.at", fault)


async def cancel(
    session: AsyncSession, code: str, wanted: Cancellation, *, now: datetime
) -> TripOut:
    """It does not run; a second call finds it cancelled and answers the same."""
    trip = await _locked(session, code)
    if trip.status == "cancelled":
        return out(trip)
    if trip.status != "planned":
        raise TripUnderWay(f"trip {code} has {trip.status}: it can no longer be cancelled")
    trip.status, trip.reason = "cancelled", wanted.reason
    return await _changed(session, trip, TRIP_CANCELLED, now)


async def _changed(session: AsyncSession, trip: Trip, event: str, now: datetime) -> TripOut:
    reckon(trip, now)
    if trip.status != "cancelled":
        trip.reason = None
    await session.flush()
    told = out(trip)
    await tell(session, event, [told], now)
    return told


async def tell(session: AsyncSession, event: str, trips: Sequence[TripOut], now: datetime) -> None:
    """One event for all of them."""
    if trips:
        data = {"items": [trip.model_dump(mode="json") for trip in trips]}
        subject = trips[0].trip if len(trips) == 1 else None
        await outbox.append(session, event, data, time=now, subject=subject)


def out(trip: Trip) -> TripOut:
    stops = domain.stops(trip.calls, [call.office for call in trip.calls])
    return TripOut(
        trip=code_of(trip.line, trip.day),
        line=trip.line,
        day=trip.day,
        mode=cast("Mode", trip.mode),
        status=cast("Status", trip.status),
        vehicle=trip.vehicle,
        capacity_items=trip.capacity_items,
        capacity_kg=trip.capacity_kg,
        distance_km=trip.distance_km,
        driven_km=trip.driven_km,
        delay_min=trip.delay_min,
        reason=trip.reason,
        version=trip.version,
        calls=[_call_out(trip, n, stop) for n, stop in enumerate(stops)],
    )


def _call_out(trip: Trip, n: int, stop: Stop) -> TripCallOut:
    call, is_open = trip.calls[n], trip.status != "cancelled"
    arrives = is_open and call.arrived_at is None
    departs = is_open and call.departed_at is None
    kept: dict[str, Any] = {
        name: getattr(call, name)
        for name in (
            "office",
            "arrives_at",
            "departs_at",
            "arrived_at",
            "departed_at",
            "items",
            "weight_kg",
        )
    }
    return TripCallOut(
        call=n + 1,
        expected_arrival_at=stop.arrives_at if arrives else None,
        expected_departure_at=stop.departs_at if departs else None,
        **kept,
    )
