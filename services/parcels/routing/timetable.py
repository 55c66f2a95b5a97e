"""The timetable that a process keeps in memory for a world."""

import asyncio
import time
from typing import Any, Final

from services.parcels.network.domain import Places
from services.parcels.network.repository import all_offices
from services.parcels.routing import repository
from services.parcels.routing.domain import Network
from services.parcels.transport import repository as lines
from services.parcels.transport.domain import Stop
from services.parcels.trips import repository as trips
from services.parcels.trips.domain import stops
from services.parcels.trips.models import Trip
from shared.database import Database

REFRESH_S: Final = 5.0


class Timetable:
    """Lines, feeders, runs that are late or cancelled, and offices; `REFRESH_S` old at most."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._known: tuple[Any, ...] = ()
        self.network = Network((), (), {})
        self.places = Places(())

    async def fresh(self) -> "Timetable":
        if time.monotonic() - self._read_at <= REFRESH_S:
            return self
        async with self._reading:  # one request of many reads, the others wait for it
            if time.monotonic() - self._read_at <= REFRESH_S:
                return self
            await self._read()
            self._read_at = time.monotonic()
        return self

    async def _read(self) -> None:
        offices = await all_offices(self._database)
        async with self._database.transaction() as session:
            known = (
                await lines.every_line(session),
                await repository.rules(session),
                offices,
                {(trip.line, trip.day): _expected(trip) for trip in await trips.amiss(session)},
            )
        if known != self._known:  # else what was worked out of it stays good
            self.places = Places(offices)
            self.network = Network(known[0], known[1], self.places.centre_of, known[3])
            self._known = known


def _expected(trip: Trip) -> list[Stop] | None:
    """A run that goes amiss, as it is expected now; None where it is cancelled."""
    if trip.status == "cancelled":
        return None
    return stops(trip.calls, [call.office for call in trip.calls])
