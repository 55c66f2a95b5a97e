"""Parcels with its promises: a worker's keeper that a test moves by hand."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.parcels.audit import PromiseAudit, audit_promises
from services.parcels.breaches.keeping import Keeper
from services.parcels.calendars.repository import add_sweep
from services.parcels.calendars.service import on_calendar_events
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.redirects.events import REDIRECTED
from shared.calendar import TEHRAN
from tests.services.parcels.conftest import SHOP, Parcels, office_event

FULL, HALF = ["08:00-16:00"], ["08:00-12:00"]
WEEK = dict.fromkeys(("sat", "sun", "mon", "tue", "wed"), FULL) | {"thu": HALF}
SATURDAY = "2019-05-11"


def tehran(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=TEHRAN).astimezone(UTC)


def local(wire: str | None) -> str | None:
    """A time of the wire on the clock in Tehran."""
    if wire is None:
        return None
    return f"{datetime.fromisoformat(wire).astimezone(TEHRAN):%Y-%m-%d %H:%M}"


class Promises:
    """Short ways to move the clock, the worker and the staff."""

    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self.api = parcels.api
        self.client = parcels.client
        self.keeper = Keeper()
        scopes = ("tariff:write", "custody:decide", "parcels:read")
        self.staff = self.api.headers(*scopes, kind="staff")
        self._read = 0

    def at(self, text: str) -> None:
        self.api.clock.at = tehran(text)

    async def book(self, **changes: Any) -> str:
        answer = await self.parcels.book(**changes)
        assert answer.status_code == 201, answer.text
        barcode: str = answer.json()["barcode"]
        return barcode

    async def scan(self, barcode: str, event: str, at: str | None = None, **changes: Any) -> None:
        more = {} if at is None else {"occurred_at": tehran(at).isoformat()}
        found = await self.parcels.results(self.parcels.one(barcode, event, **(more | changes)))
        assert found == ["recorded"]

    async def consume(self) -> None:
        """What the feed holds that the keeper has not seen."""
        events = await self.api.events(STATUS_CHANGED, MOVED, CORRECTED, REDIRECTED)
        new, self._read = events[self._read :], len(events)
        if new:
            async with self.api.database.transaction() as session:
                await self.keeper.on_scanned(session, new)

    async def again(self) -> None:
        """The whole feed once more."""
        self._read = 0
        await self.consume()

    async def tick(self) -> None:
        """The worker's timers."""
        await self.keeper.sweep(self.api.database, self.api.clock)
        await self.keeper.find_breaches(self.api.database, self.api.clock)

    async def sweep_all(self) -> None:
        """Everything under way and every breach anew."""
        async with self.api.database.hot.acquire() as connection:
            await add_sweep(connection, tehran("2019-01-01 00:00"))

    async def follow(self, *events: dict[str, Any]) -> None:
        time = self.api.clock.now().isoformat()
        async with self.api.database.transaction() as session:
            await on_calendar_events(session, [{"time": time} | event for event in events])

    async def week(self, n: int, hours: dict[str, Any], version: int = 1) -> None:
        event = office_event(n, version=version)
        event["data"]["office"]["hours"] = hours
        await self.follow({"type": "office.changed"} | event)

    async def holiday(self, day: str, *, holiday: bool = True, kind: str = "set") -> None:
        state = {"day": day, "holiday": holiday, "name": "تعطیل", "source": "override"}
        await self.follow({"type": f"holiday.{kind}", "data": {"holiday": state}})

    async def promised(self, barcode: str) -> str | None:
        return local((await self.parcels.get(barcode))["promised_at"])

    async def told(self, event_type: str) -> list[tuple[str, str | None]]:
        """Barcode and promised time of every item that was told."""
        return [
            (item["barcode"], local(item["promised_at"]))
            for event in await self.api.events(event_type)
            for item in event["data"]["items"]
        ]

    async def explain(self, barcode: str, sub: str = SHOP) -> httpx.Response:
        headers = self.parcels.shop(sub)
        return await self.client.get(f"/v1/parcels/{barcode}/promise", headers=headers)

    async def send(self, path: str, body: Any, *scopes: str) -> httpx.Response:
        headers = self.staff
        if scopes:
            headers = self.api.headers("tariff:write", "custody:decide", *scopes, kind="staff")
        return await self.client.post(path, json=body, headers=headers)

    async def audited(self) -> PromiseAudit:
        return await audit_promises(self.api.database)

    async def due_rows(self) -> int:
        count: int = await self.api.database.hot.fetchval("SELECT count(*) FROM promise_due")
        return count


@pytest.fixture
async def promises(parcels: Parcels) -> Promises:
    """Saturday, nine in the morning; offices keep the usual week."""
    made = Promises(parcels)
    made.at(f"{SATURDAY} 09:00")
    for n in range(1, 4):
        await made.week(n, WEEK)
    return made
