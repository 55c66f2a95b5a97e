"""With any one database down the rest goes on: partners that are known, tracking that is known."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, Final

import asyncpg
import pytest

from shared.provision import database_of
from tests.conftest import Api, Serve
from tests.services.gateway.conftest import SISTERS, Gateway, bearer, start_with
from tests.services.parcels.conftest import Parcels, office_event

pytestmark = pytest.mark.anyio

HOUR_S: Final = 3600
ASKED: Final = {
    "offices": "/v1/offices?limit=1",
    "parcels": "/v1/parcels",
    "complaints": "/v1/complaints",
    "gateway": "/v1/webhooks",
}
"""What a partner asks of each service; each looks into its database."""


@asynccontextmanager
async def away(admin_dsn: str, api: Api) -> AsyncIterator[None]:
    """The service's database takes no connections, and those that were are cut."""
    name = database_of(api.target.app_dsn)
    admin = await asyncpg.connect(admin_dsn)
    try:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
        yield
    finally:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await admin.close()


async def back(ask: Callable[[], Coroutine[Any, Any, int]]) -> None:
    """Asked until it answers: a pool finds out by trying which of its connections are dead."""
    async with asyncio.timeout(180):
        while await ask() != 200:
            pass


@asynccontextmanager
async def province(serve: Serve) -> AsyncIterator[tuple[Gateway, dict[str, Api]]]:
    """All four services, as they are, in this process."""
    apis: dict[str, Api] = {name: await serve(name) for name in SISTERS}
    async with AsyncExitStack() as stack:
        sisters = {name: api.app for name, api in apis.items()}
        gateway = await start_with(stack, serve, sisters, "in_process")
        gateway.gate.traffic.stale.monotonic = gateway.ticks
        yield gateway, {**apis, "gateway": gateway.api}


async def test_any_one_database(serve: Serve, admin_dsn: str) -> None:
    async with province(serve) as (gateway, apis):
        desk = Parcels(apis["parcels"])
        await desk.follow(*(office_event(n) for n in range(1, 4)))
        (barcode,) = await desk.booked()
        key = bearer(await gateway.issue("parcels:read", "complaints:read", "webhooks:write"))

        async def status(path: str, headers: dict[str, str]) -> int:
            return (await gateway.client.get(path, headers=headers)).status_code

        async def found() -> dict[str, int]:
            told = {name: await status(path, key) for name, path in ASKED.items()}
            return {**told, "tracking": await status(f"/v1/tracking/{barcode}", {})}

        whole = dict.fromkeys([*ASKED, "tracking"], 200)
        assert await found() == whole
        for down, api in apis.items():
            async with away(admin_dsn, api):
                for _ in range(2):  # when it has just gone, and at the end of the hour
                    assert await found() == whole | {down: 503}, down
                    gateway.ticks.at += HOUR_S - 60
                gateway.ticks.at -= HOUR_S - 60
                unknown = await status(ASKED["offices"], bearer("susa_live_" + "A" * 43))
                assert unknown == (503 if down == "gateway" else 401)
            gateway.ticks.at += 60
            await back(partial(status, ASKED[down], key))
            assert await found() == whole
