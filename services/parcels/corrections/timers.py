"""Scans that came before their item was booked: they count as soon as it is."""

import json
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from services.parcels.corrections import repository
from services.parcels.network.service import OfficeBook, read_offices
from services.parcels.scanning import repository as scans
from services.parcels.scanning.domain import CLOCK_AHEAD, OFFLINE_WINDOW
from services.parcels.scanning.repository import Row
from services.parcels.scanning.service import Context, record_rows
from services.parcels.vocabulary import EVENT_BY_WIRE
from shared.clock import Clock
from shared.database import Database, driver
from shared.text import fold_code

SCANS: Final = 200
"""Of a transaction."""
KEPT: Final = timedelta(days=30)
"""A barcode that was not booked by then never will be."""


async def match(database: Database, clock: Clock) -> None:
    """All that can be matched; dated by the clock by which scans are recorded."""
    matched = SCANS
    while matched == SCANS:
        matched = await _step(database, clock.now())


async def _step(database: Database, now: datetime) -> int:
    async with database.transaction() as session:
        connection = await driver(session)
        found = await repository.waiting(connection, now - KEPT, SCANS)
        if not found:
            return 0
        await scans.lock(connection, [one["item_id"] for one in found])
        taken = await repository.take(connection, [one["id"] for one in found], now)
        offices = await read_offices(connection)
        mine = [one for one in found if one["id"] in taken]
        rows = [_row(n, one, offices) for n, one in enumerate(mine)]
        old = [n for n, one in enumerate(mine) if one["backfill"]]
        await record_rows(Context(connection, offices, now, None, old), rows)
        return len(found)


def _row(n: int, kept: asyncpg.Record, offices: OfficeBook) -> Row:
    """As it would have been recorded when it came; its time is cut to the clock of that time."""
    scan: dict[str, Any] = json.loads(kept["scan"])
    came_at = kept["recorded_at"]
    occurred_at = min(datetime.fromisoformat(scan["occurred_at"]), came_at + CLOCK_AHEAD)
    office = offices.by_code.get(scan["office"]) or offices.by_code.get(fold_code(scan["office"]))
    return Row(
        n,
        kept["item_id"],
        scan["event_id"],
        EVENT_BY_WIRE[scan["event"]],
        occurred_at < came_at - OFFLINE_WINDOW and not kept["backfill"],
        office.id if office else None,
        occurred_at,
        occurred_at,
        scan.get("reason"),
        scan.get("action"),
        scan.get("device"),
    )
