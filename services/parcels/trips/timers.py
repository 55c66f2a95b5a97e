"""What the clock brings about: trips are planned ahead by the timetable, and told when late."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.transport import domain as timetables
from services.parcels.transport import repository as lines
from services.parcels.transport.domain import Line, Stop
from services.parcels.trips import domain, repository, service
from services.parcels.trips.models import Trip
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database

AHEAD: Final = timedelta(days=2)
NOT_IN_TIMETABLE: Final = "not_in_timetable"


async def plan_ahead(database: Database, clock: Clock) -> None:
    """Trips of today and the next days as the timetable is now; what has begun stays."""
    async with database.transaction() as session:
        now = await world_now(session, clock)
        await repository.lock_plan(session)
        first, last = tehran_date(now), tehran_date(now) + AHEAD
        runs = {
            (line.code, day): (line, timetables.stops(line, day))
            for line, day in timetables.runs(await lines.lines(session, first, last), first, last)
        }
        trips = await repository.locked_of_days(session, first, last)
        await _follow(session, [t for t in trips if t.status == "planned"], runs, now)
        known = {(trip.line, trip.day) for trip in trips}
        fresh = [
            service.new(line, day, now)
            for (code, day), (line, stops) in sorted(runs.items())
            if (code, day) not in known and (stops[0].departs_at or now) >= now
        ]
        session.add_all(fresh)
        await session.flush()
        told = [service.out(trip) for trip in fresh]
        await service.tell(session, service.TRIP_PLANNED, told, now)


async def _follow(
    session: AsyncSession,
    planned: Sequence[Trip],
    runs: dict[tuple[str, date], tuple[Line, list[Stop]]],
    now: datetime,
) -> None:
    """Trips that have not begun change, or are cancelled, as their lines have."""
    changed, cancelled = [], []
    for trip in planned:
        run = runs.get((trip.line, trip.day))
        if run is None:
            trip.status, trip.reason = "cancelled", NOT_IN_TIMETABLE
            service.reckon(trip, now)
            cancelled.append(trip)
        elif _as_planned(trip) != run[1]:
            trip.calls = []
            await session.flush()
            trip.distance_km = run[0].distance_km
            service.replan(trip, run[1], now)
            changed.append(trip)
    await session.flush()
    for event, trips in (
        (service.TRIP_CANCELLED, cancelled),
        (service.TRIP_CHANGED, changed),
    ):
        await service.tell(session, event, [service.out(trip) for trip in trips], now)


def _as_planned(trip: Trip) -> list[Stop]:
    return [Stop(call.office, call.arrives_at, call.departs_at) for call in trip.calls]


async def tell_late(database: Database, clock: Clock) -> None:
    """Each trip once for each call at which it is late."""
    more = True
    while more:
        async with database.transaction() as session:
            now = await world_now(session, clock)
            trips = await repository.lock_late(session, now - domain.LATE_AFTER)
            for trip in trips:
                trip.told_late = True
            await session.flush()
            told = [service.out(trip) for trip in trips]
            await service.tell(session, service.TRIP_LATE, told, now)
            more = len(trips) == repository.LATE_ROWS
