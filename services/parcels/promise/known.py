"""What a process knows of terms, pauses and calendars: from it a promise is reckoned in memory."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import asyncpg

from services.parcels.calendars import repository as calendars
from services.parcels.promise import domain, repository
from services.parcels.promise.domain import (
    Business,
    Declared,
    Facts,
    Moment,
    Pause,
    Target,
    TermsVersion,
    distance_of,
)
from services.parcels.tariff.domain import Distance, Place
from services.parcels.vocabulary import Status
from shared.calendar import Hours, tehran_date
from shared.database import Database
from shared.openings import Openings, library
from shared.worktime import KEPT_MAX

REFRESH_S: Final = 2.0


class Promises:
    """Everything a promise depends on but the item; read again where it changed."""

    def __init__(self) -> None:
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()
        self._changes = -1
        self._versions: list[TermsVersion] = []
        self._declared: list[Declared] = []
        self._known = calendars.Known({}, {}, {})
        self._businesses: dict[str, Business] = {}
        self._shared: dict[tuple[Any, ...], Business] = {}
        """Offices that keep the same hours share what was reckoned of them."""
        self._at_booking: dict[tuple[Business, int, Distance, int], datetime | None] = {}

    async def fresh(self, database: Database) -> "Promises":
        """`REFRESH_S` old at most; the acceptance reckons again."""
        if time.monotonic() - self._looked_at <= REFRESH_S:
            return self
        async with self._looking:  # one request of many looks, the others wait for it
            if time.monotonic() - self._looked_at <= REFRESH_S:
                return self
            async with database.acquire() as connection:
                await self.look(connection)
            self._looked_at = time.monotonic()
        return self

    async def look(self, connection: asyncpg.Connection) -> None:
        """As it is now: one number is read, and the rest where that grew."""
        changes = await calendars.changes(connection)
        if changes == self._changes:
            return
        versions = await repository.versions(connection)
        declared = await repository.declared(connection)
        self._known = await calendars.known(connection)
        self._versions, self._declared, self._changes = versions, declared, changes
        self._businesses, self._shared, self._at_booking = {}, {}, {}

    def business(self, code: str) -> Business:
        """An office's openings; its usual week where it told none."""
        found = self._businesses.get(code)
        if found is None:
            days = self._known.days.get(code, {})
            weeks = self._known.weeks.get(code, ((date.min, domain.USUAL_WEEK),))
            same = (*((since, _usual(week)) for since, week in weeks),)
            key = (same, *((day, *days[day]) for day in sorted(days)))
            if key not in self._shared:
                openings = ((since, Openings(week, days, self._is_holiday)) for since, week in same)
                self._shared[key] = Business(*openings)
            found = self._businesses[code] = self._shared[key]
        return found

    def _is_holiday(self, day: date) -> bool:
        said = self._known.holidays.get(day)
        return day in library(day.year) if said is None else said

    def target(
        self, product: int, distance: Distance, booked_at: datetime
    ) -> tuple[TermsVersion, Target] | None:
        """Under the terms that held on the day of booking."""
        day = tehran_date(booked_at)
        version = next((v for v in self._versions if v.valid_from <= day), None)
        if version is None:
            return None
        found = domain.target_of(version.targets, product, distance)
        return None if found is None else (version, found)

    def pauses(self, *places: Place) -> list[Pause]:
        """Force majeure declared where an item comes from or goes to."""
        return [one.pause for one in self._declared if any(one.hits(*place) for place in places)]

    def at_booking(
        self,
        office: str,
        places: tuple[Place, Place],
        product: int,
        distance: Distance,
        at: datetime,
    ) -> datetime | None:
        """What is promised to an item that is booked now from one place to another.

        None where nothing is.
        """
        if self._declared:
            return self._reckoned(office, product, distance, at, self.pauses(*places))
        # it counts from the minute on: the bookings of one share their promise
        key = (self.business(office), product, distance, int(at.timestamp()) // 60)
        if key not in self._at_booking:
            if len(self._at_booking) >= KEPT_MAX:
                self._at_booking.clear()
            self._at_booking[key] = self._reckoned(office, product, distance, at, ())
        return self._at_booking[key]

    def _reckoned(
        self,
        office: str,
        product: int,
        distance: Distance,
        at: datetime,
        pauses: Sequence[Pause],
    ) -> datetime | None:
        found = self.target(product, distance, at)
        if found is None:
            return None
        return domain.promised_at(at, found[1], self.business(office), pauses)

    def facts(self, row: Mapping[str, Any], moments: Sequence[Moment]) -> Facts:
        """Of a row of `repository.facts`."""
        found = self.target(row["product"], distance_of(row), row["booked_at"])
        origin = Place(row["province"], row["town"])
        destination = Place(row["to_province"], row["to_town"])
        return Facts(
            item_id=row["item_id"],
            status=Status(row["status"]),
            booked_at=row["booked_at"],
            accepted_at=row["accepted_at"],
            ended_at=row["ended_at"],
            promised_at=row["promised_at"],
            target=None if found is None else found[1],
            business=self.business(row["code"]),
            moments=moments,
            declared=self.pauses(origin, destination) if self._declared else (),
        )


def _usual(week: Hours) -> Hours:
    """What is taken for the week of an office that told no hours."""
    told = any(getattr(week, day) for day in Hours.model_fields)
    return week if told else domain.USUAL_WEEK
