"""The timetable that a process keeps in memory for a world."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.network.domain import Places
from services.parcels.network.service import Directory
from services.parcels.routing import repository
from services.parcels.routing.domain import Network, Runs
from services.parcels.transport import repository as lines
from services.parcels.transport.domain import Stop
from services.parcels.trips import repository as trips
from services.parcels.trips.domain import stops
from services.parcels.trips.models import Trip
from shared.database import Database

REFRESH_S: Final = 5.0
AWAITED: Final = timedelta(hours=6)
"""So long after its time a vehicle that nobody has seen is believed to come."""


class Timetable:
    """Lines, feeders, runs that are late or cancelled, and offices; `REFRESH_S` old at most."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._known: tuple[Any, ...] = ()
        self.network = Network((), (), {})
        self.places = Places(())

    async def fresh(self, now: datetime | None = None) -> "Timetable":
        """With `now`, runs that are due and were not seen are still awaited, for some hours."""
        if time.monotonic() - self._read_at <= REFRESH_S:
            return self
        async with self._reading:  # one request of many reads, the others wait for it
            if time.monotonic() - self._read_at <= REFRESH_S:
                return self
            await self._read(now)
            self._read_at = time.monotonic()
        return self

    async def _read(self, now: datetime | None) -> None:
        directory = await Directory(self._database).fresh()
        offices = sorted(directory.by_id.values(), key=lambda office: office.id)
        async with self._database.transaction() as session:
            known = (
                await lines.every_line(session),
                await repository.rules(session),
                offices,
                await _changed(session, now),
            )
        if known != self._known:  # else what was worked out of it stays good
            self.places = Places(offices)
            self.network = Network(known[0], known[1], self.places.centre_of, known[3])
            self._known = known


async def _changed(session: AsyncSession, now: datetime | None) -> Runs:
    """Runs that go otherwise than by the timetable."""
    found = {(trip.line, trip.day): _expected(trip, None) for trip in await trips.amiss(session)}
    if now is not None:
        for trip in await trips.awaited(session, now - AWAITED, now):
            found[trip.line, trip.day] = _expected(trip, now)
    return found


def _expected(trip: Trip, now: datetime | None) -> list[Stop] | None:
    """A run as it is expected now; None where it is cancelled."""
    if trip.status == "cancelled":
        return None
    return stops(trip.calls, [call.office for call in trip.calls], now)
