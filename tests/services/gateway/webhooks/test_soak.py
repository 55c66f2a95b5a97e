"""Many events, endpoints that fail, and a worker that is killed again and again.

In every run few events; in the soak 20,000, with a kill every two seconds.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from tests.conftest import Api, Serve
from tests.services.gateway.webhooks.support import changed, event, follow, register

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

SOAK: Final = os.environ.get("SUSA_SOAK") == "1"
EVENTS: Final = 20_000 if SOAK else 240
ENDPOINTS: Final = 20 if SOAK else 10
PARCELS: Final = 50 if SOAK else 6
KILL_AFTER_S: Final = 2.0
KILLS_AFTER: Final = (80,)
"""Without the soak it is killed after so many requests: no time passes for nothing."""
FAILING_SHARE: Final = 0.3
SEED: Final = 20_000

WORKER = """
import asyncio, sys
from datetime import timedelta
from services.gateway.webhooks import deliverer, domain
from services.gateway.webhooks.sender import Sender
from shared.clock import WallClock
from shared.database import Database

# hours are for real servers: here a failed attempt is made again at once, a lost lease soon
domain.SCHEDULE = (timedelta(milliseconds=20),) * 60
deliverer.LEASE = timedelta(seconds=1)

async def main(dsn):
    clock = WallClock()
    database = Database(dsn, application="killed", pool_size=1, hot_size=4)
    await database.open()
    await deliverer.Deliverer(database, Sender(clock, allow_private=True), clock).run()

asyncio.run(main(sys.argv[1]))
"""


@dataclass
class Shop:
    """One partner's server: takes in each event that it accepts, by parcel."""

    fails: bool
    secret: str = ""
    accepted: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Per parcel (sequence, version), each once, in the order of acceptance."""
    ids: set[str] = field(default_factory=set)


@dataclass
class Shops:
    """All of them behind one port, by path."""

    shops: dict[str, Shop]
    requests: int = 0
    forged: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))
    come: asyncio.Event = field(default_factory=asyncio.Event)

    async def on_request(self, request: web.Request) -> web.Response:
        shop = self.shops[request.match_info["shop"]]
        raw = await request.read()
        self.requests += 1
        self.come.set()
        try:
            payload = Webhook(shop.secret).verify(raw, dict(request.headers))
        except Exception:  # noqa: BLE001 - counted, and looked at in the end
            self.forged += 1
            return web.Response(status=400)
        if shop.fails and self.dice.random() < 0.5:
            return web.Response(status=self.dice.choice((301, 500, 503)))
        if request.headers["webhook-id"] not in shop.ids:  # its answer was lost: it comes again
            shop.ids.add(request.headers["webhook-id"])
            data = payload["data"]
            of_parcel = shop.accepted.setdefault(data["barcode"], [])
            of_parcel.append((payload["sequence"], data["version"]))
        return web.Response(status=204)

    @property
    def taken(self) -> int:
        return sum(len(shop.ids) for shop in self.shops.values())

    async def more_than(self, requests: int) -> None:
        while self.requests < requests:
            self.come.clear()
            await self.come.wait()


async def start(dsn: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, dsn)


async def kill(worker: asyncio.subprocess.Process) -> None:
    worker.kill()
    assert await worker.wait() == -signal.SIGKILL, "the worker ended by itself"


async def killing(dsn: str, shops: Shops) -> int:
    """Kill the worker and start another until all is taken; how often."""
    kills = 0
    worker = await start(dsn)
    try:
        while shops.taken < EVENTS:
            if SOAK:
                await shops.more_than(shops.requests)  # it has begun
                await asyncio.sleep(KILL_AFTER_S)
            elif kills < len(KILLS_AFTER):
                await shops.more_than(KILLS_AFTER[kills])
            else:
                await shops.more_than(shops.requests + 1)
                continue
            await kill(worker)
            kills += 1
            worker = await start(dsn)
    finally:
        await kill(worker)
    return kills


async def fill(api: Api, partners: list[str]) -> None:
    """Events of every partner's parcels, each parcel's versions in order."""
    share = EVENTS // len(partners)
    for n in range(0, share, 20):
        items = [
            changed(1_000 * place + m % PARCELS, 1 + m // PARCELS, partner=partner)
            for m in range(n, min(n + 20, share))
            for place, partner in enumerate(partners)
        ]
        await follow(api, event(*items))


async def test_nothing_is_lost_and_every_parcel_keeps_its_order(serve: Serve) -> None:
    api: Api = await serve("gateway", settings={"webhook_allow_private": True})
    api.clock.at = datetime.now(UTC)
    partners = [f"00000000-0000-7000-8000-{n:012d}" for n in range(1, ENDPOINTS + 1)]
    failing = round(ENDPOINTS * FAILING_SHARE)
    shops = Shops({p: Shop(fails=n < failing) for n, p in enumerate(partners)})
    app = web.Application()
    app.router.add_post("/{shop}", shops.on_request)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        for partner in partners:
            _, secret = await register(api, f"http://{host}:{port}/{partner}", partner=partner)
            shops.shops[partner].secret = secret
        await fill(api, partners)
        async with asyncio.timeout(1_200 if SOAK else 60):  # only to fail instead of hanging
            kills = await killing(api.target.app_dsn, shops)
    finally:
        await runner.cleanup()
    print(f"{EVENTS} events, {shops.requests} requests, {kills} kills")  # noqa: T201 - figures, for `pytest -s`
    assert kills >= 1
    assert shops.forged == 0
    for shop in shops.shops.values():
        told: Counter[int] = Counter()
        for seen in shop.accepted.values():
            assert [version for _, version in seen] == list(range(1, len(seen) + 1))
            told.update(sequence for sequence, _ in seen)
        assert sorted(told) == list(range(1, EVENTS // ENDPOINTS + 1))  # it missed nothing
        assert set(told.values()) == {1}
