"""Promises that will not be kept as things stand: told before they run out, once each."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
from pydantic_core import to_json

from services.parcels.breaches import repository
from services.parcels.breaches.repository import Coming
from services.parcels.promise import repository as promises
from services.parcels.promise.events import AT_RISK, RiskItem
from services.parcels.vocabulary import PRODUCT_WIRE, STATUS_WIRE
from shared import outbox
from shared.clock import Clock, world_now
from shared.database import Database, driver
from shared.identifiers import barcode_of

AHEAD: Final = timedelta(days=2)
"""How soon a promise runs out that is looked at."""
ITEMS: Final = 1_000
STEPS_MAX: Final = 5
"""Of a round; the next goes on where it stopped, for estimates cost more than a look."""

Forecast = Callable[
    [asyncpg.Connection, Collection[int], datetime], Awaitable[Mapping[int, datetime]]
]
"""Until when items will be delivered as things stand, of those of which that can be told."""


class Foresight:
    """Goes round the items under way of every world that its worker has."""

    def __init__(self) -> None:
        self._at: dict[str, Coming] = {}

    async def look_ahead(self, database: Database, clock: Clock, forecast: Forecast) -> None:
        """Tell of promises that an estimate passes, a bounded transaction at a time."""
        for _ in range(STEPS_MAX):
            async with database.transaction() as session:
                now = await world_now(session, clock)
                connection = await driver(session)
                if not await self._step(connection, now, forecast):
                    return

    async def _step(
        self, connection: asyncpg.Connection, now: datetime, forecast: Forecast
    ) -> bool:
        """Whether there is more."""
        await repository.lock(connection)
        world = await repository.world(connection)
        at = self._at.get(world, Coming(now, -1))
        coming = await repository.coming(connection, max(at, Coming(now, -1)), now + AHEAD, ITEMS)
        expected = await forecast(connection, [one.item_id for one in coming], now)
        late = {
            one.item_id: expected[one.item_id]
            for one in coming
            if one.item_id in expected and expected[one.item_id] > one.promised_at
        }
        if late:
            await _tell(connection, late, now)
        more = len(coming) == ITEMS
        self._at[world] = coming[-1] if more else Coming(now, -1)
        return more


async def _tell(
    connection: asyncpg.Connection, late: Mapping[int, datetime], now: datetime
) -> None:
    news = await repository.note_risks(connection, late)
    items = [_item(row, late[row["item_id"]]) for row in await promises.facts(connection, news)]
    await connection.execute(
        outbox.APPEND_SQL, AT_RISK, None, now, to_json({"items": items}).decode()
    )


def _item(row: Mapping[str, Any], expected_at: datetime) -> dict[str, Any]:
    return RiskItem(
        barcode=barcode_of(row["item_id"]),
        partner=str(row["partner"]),
        reference=row["reference"],
        product=PRODUCT_WIRE[row["product"]],
        origin_office=row["code"],
        status=STATUS_WIRE[row["status"]],
        promised_at=row["promised_at"],
        expected_at=expected_at,
        backfill=row["backfill"],
    ).model_dump(mode="json")
