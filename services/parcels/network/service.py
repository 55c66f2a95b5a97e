"""The office replica: followed by events, read through a small cache."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.events import OfficeEvent
from services.parcels.network import repository
from services.parcels.network.repository import OfficeRow
from shared.database import Database
from shared.errors import Invalid

REFRESH_S: Final = 0.5


async def on_office_events(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of `office.*`: the newest state of each office in the page."""
    newest = {}
    for event in events:
        office = OfficeEvent.model_validate(event["data"]).office
        newest[office.id] = office
    await repository.upsert(session, list(newest.values()))


async def forget(session: AsyncSession) -> None:
    """Before the feed of restored offices is read again: any state of an office is news."""
    await repository.forget_versions(session)


class OfficeBook:
    """Offices by code and id, as they were read."""

    def __init__(self, rows: Sequence[OfficeRow] = ()) -> None:
        self.by_code = {row.code: row for row in rows}
        self.by_id = {row.id: row for row in rows}

    def named(self, code: str, field: str = "body.office") -> OfficeRow:
        """The office that a request names in `field`; Invalid where there is none."""
        found = self.by_code.get(code)
        if found is None:
            raise Invalid.field(field, f"there is no office {code}", "unknown_office")
        return found

    def code_of(self, office: int | None) -> str | None:
        found = self.by_id.get(office or 0)
        return found.code if found else None


async def read_offices(connection: asyncpg.Connection) -> OfficeBook:
    """For jobs, which have a transaction and no cache."""
    return OfficeBook(await repository.all_offices(connection))


class Directory(OfficeBook):
    """The offices by code and id, `REFRESH_S` old at most; a booking's statement checks again."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def fresh(self) -> "Directory":
        if time.monotonic() - self._read_at <= REFRESH_S:
            return self
        async with self._reading:  # one request of many reads, the others wait for it
            if time.monotonic() - self._read_at <= REFRESH_S:
                return self
            rows = await repository.all_offices(self._database.hot)
            self._read_at = time.monotonic()
            self.by_code = {row.code: row for row in rows}
            self.by_id = {row.id: row for row in rows}
        return self
